import type { ErrorCode } from "@holdfast/protocol";

/** Who signs a question, and how. */
export type Signer =
  | "nobody"
  | "wrong-secret"
  | "unknown-access-key"
  /** Signs for another region than the endpoint's. */
  | "another-region";

/** One question to an endpoint, as data. `{bucket}`, `{key}` and the like stand for what was arranged. */
export interface Question {
  readonly id: string;
  readonly title: string;
  readonly method: "DELETE" | "GET" | "HEAD" | "POST" | "PUT";
  /** Path and query, percent-encoded. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The endpoint's own caller unless told. */
  readonly signer?: Signer;
  /** How far the clock is off that signs, in milliseconds. */
  readonly skewMs?: number;
  /** What is signed as the body's SHA-256; that of the body unless told. */
  readonly payload?: string;
  /** The URL is signed instead, and has been valid for a second an hour ago. */
  readonly expiredUrl?: true;
  /** Asked only in a bucket of the probe's own: a server that does it would do harm. */
  readonly ownBucket?: true;
  /** The codes that AWS answers, and those that say the same; their statuses are the catalogue's. */
  readonly codes?: readonly ErrorCode[];
  /** Where an answer has no document. */
  readonly status?: number;
  readonly why: string;
}

/** What stands in braces. */
export type Placeholder =
  | "bucket"
  /** An object that is there, of `objectText`. */
  | "key"
  | "etag"
  /** Nothing is there. */
  | "missing"
  | "no-bucket"
  /** An upload of two small parts. */
  | "upload"
  | "part-1"
  | "part-2";

/** The object that is there. */
export const objectText = "the object of the probe";
