import type { AuditKind, GatewayOptions, StatusProfile } from "@holdfast/gateway";
import type { Answer, Ask } from "../../packages/gateway/src/s3-subject.test.support.ts";
import type { DocumentWorld } from "./document-world.ts";

/** Something that both profiles share, or each its own. */
type ByProfile<Value> = Value | Readonly<Record<StatusProfile, Value>>;

/** One row of the document's tables, driven by one request. */
export interface DocumentRow {
  readonly table: "codes" | "auth failures" | "scope violation" | "anonymous rejects";
  /** As the document names it; a row of several causes stands several times. */
  readonly row: string;
  readonly cause: string;
  /** How the gateway is started, where it is not as the others are. */
  readonly gateway?: Partial<GatewayOptions>;
  /** What has to be so before. */
  readonly arrange?: (world: DocumentWorld) => Promise<void>;
  readonly ask: Ask | ((world: DocumentWorld) => Promise<Answer>);
  readonly status: ByProfile<number>;
  readonly code: ByProfile<string>;
  readonly resource: string;
  /** Elements beside those that every document has, with their texts. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, RegExp>>;
  readonly reason: string;
  /** The lines of the metrics that count it, beside that of all refusals. */
  readonly counted?: readonly string[];
  readonly kind: AuditKind;
}

/** The word for a profile. */
export function under<Value extends number | string>(
  value: ByProfile<Value>,
  profile: StatusProfile,
): Value {
  return typeof value === "object" ? value[profile] : value;
}
