import type { DebianPackage } from "./debian.ts";
import type { Session } from "./session.ts";
import type { Says } from "./steps.ts";

/** Where an object lies: its key is plain text, exactly as it must come back. */
export interface Target {
  readonly bucket: string;
  readonly key: string;
}

/** What is asked for and must be refused: an object, or the listing of a bucket where there is no key. */
export interface Refused {
  readonly bucket: string;
  readonly key?: string;
}

/** The mistakes that every client must be able to tell apart. */
export type Mistake = "missing-key" | "missing-bucket" | "wrong-secret" | "unknown-key-id";

/** One S3 client's own way of doing what the steps ask for; every failure rejects with what the client said. */
export interface Driver {
  readonly createBucket: (bucket: string) => Promise<void>;
  readonly removeBucket: (bucket: string) => Promise<void>;
  readonly put: (target: Target, file: string) => Promise<void>;
  readonly get: (target: Target, file: string) => Promise<void>;
  /** The size in bytes that the client reports without fetching the object. */
  readonly head: (target: Target) => Promise<number>;
  /** All keys of a bucket, in the order the client shows them. */
  readonly list: (bucket: string) => Promise<readonly string[]>;
  /** Uploads in parts, however large the file is. */
  readonly multipart: (target: Target, file: string) => Promise<void>;
  readonly copy: (target: Target, source: string) => Promise<void>;
  readonly presign: (target: Target, method: "GET" | "PUT") => Promise<string>;
  readonly remove: (target: Target) => Promise<void>;
  /** Deletes every object of a bucket. */
  readonly empty: (bucket: string) => Promise<void>;
  /** What the client says of a refusal: its structured code, or where it has none the words it prints for it. */
  readonly refusal: (refused: Refused) => Promise<string>;
}

/** A client of the suite; `cannot` names the steps it has no way to take, each with the reason to print. */
export interface Client {
  readonly name: string;
  readonly needs?: DebianPackage;
  readonly version: (session: Session) => Promise<string>;
  readonly open: (session: Session) => Driver;
  readonly reports: Readonly<Record<Mistake, Says>>;
  readonly cannot: Readonly<Record<string, string>>;
}
