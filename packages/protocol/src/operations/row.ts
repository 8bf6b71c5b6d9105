/** What a credential must be allowed to do. A grant names these five and nothing finer. */
export type Verb = "read" | "write" | "list" | "delete" | "manage";

/** What a request acts on: the account's buckets, one bucket, or one object. */
export type TargetKind = "service" | "bucket" | "object";

/** What a request may carry. `none` refuses a body; `xml` is read whole, within a bound; `object` is streamed. */
export type BodyKind = "none" | "xml" | "object";

/** One row of the operation table: how a request is recognised and what it needs. */
export interface OperationRow {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly target: TargetKind;
  /** Query parameters that make the operation; all must be there. `name=value` fixes the value. */
  readonly requires?: readonly string[];
  /** A header that makes the operation. */
  readonly header?: string;
  /** Query parameters that it takes beside those. */
  readonly takes?: readonly string[];
  /** `any`: whoever has a grant on the bucket may. It tells them nothing that they do not know. */
  readonly verb: Verb | "any";
  readonly body: BodyKind;
  /** Sending it twice leaves what sending it once does. */
  readonly idempotent: boolean;
}
