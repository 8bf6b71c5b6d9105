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

/**
 * What the path of a request asks of the control plane. Everything answers from memory: no lookup waits for a disk or
 * another process.
 */
export interface Control {
  /** Takes over what other processes changed, once for all requests of a turn of the event loop. Never throws. */
  refresh(): void;
  /** Disabled and expired ones too: the refusal must be able to say which. */
  credential(accessKeyId: string): Credential | undefined;
  /** Undefined for a bucket of the embedded engine, or of nobody. */
  attachment(bucket: string): Attachment | undefined;
  /** In ascending order of their names. */
  attachments(): readonly Attachment[];
}
