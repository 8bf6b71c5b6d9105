import type { CorsRule } from "@holdfast/protocol";
import type { Credential } from "./credential.ts";

/** A bucket that an upstream keeps, under a name of its own there. */
export interface Attachment {
  readonly bucket: string;
  /** As the configuration names it. */
  readonly upstream: string;
  readonly remoteBucket: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** That anyone may read a bucket. */
export interface AnonymousBinding {
  /** Of one address, in this bucket. */
  readonly requestsPerSecond: number;
}

/**
 * What the path of a request asks of the control plane. Everything answers from memory: no lookup waits for a disk or
 * another process.
 */
export interface Control {
  /** Takes over what other processes changed, once for all requests of a turn of the event loop. Never throws. */
  refresh(): void;
  /** Disabled and expired ones too: the refusal must be able to say which. */
  credential(accessKeyId: string): Credential | undefined;
  /** Remembers that a credential signed a request; to the minute, and not at the cost of the request. */
  markUsed(accessKeyId: string): void;
  /** Undefined for a bucket of the embedded engine, or of nobody. */
  attachment(bucket: string): Attachment | undefined;
  /** In ascending order of their names. */
  attachments(): readonly Attachment[];
  /** What anyone may ask of the bucket, per address; undefined where anonymous reads are not allowed. */
  anonymous(bucket: string): AnonymousBinding | undefined;
  /** Never empty; undefined for a bucket without rules. */
  cors(bucket: string): readonly CorsRule[] | undefined;
  /** Resolves once it holds for every process; undefined removes them. */
  setCors(bucket: string, rules: readonly CorsRule[] | undefined): Promise<void>;
}
