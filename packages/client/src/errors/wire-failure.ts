import type { ClientCode } from "./client-codes.ts";

/**
 * Where in an exchange a failure happened: while a connection was made (or waited for), while the request was sent,
 * while the head of the answer was awaited, or while its body was read.
 */
export type FailurePhase = "connect" | "request" | "headers" | "body";

/** What is known of a failure on the wire, before anyone says what it means to a caller. */
export interface WireFailureFields {
  /** The service's code where it sent one, an errno, or one of the client's own. */
  readonly code: ClientCode | (string & {});
  readonly status?: number | undefined;
  readonly message?: string | undefined;
  readonly phase?: FailurePhase | undefined;
  /** Whether `code` was read off the status because no code was sent, as with HEAD. */
  readonly codeInferred?: boolean | undefined;
  readonly requestId?: string | undefined;
  readonly hostId?: string | undefined;
  /** When the server says to come back, in seconds from now. */
  readonly retryAfter?: number | undefined;
  /** The other elements of the error document, secrets left out. */
  readonly details?: Readonly<Record<string, string>> | undefined;
  /** The region that an answer named. */
  readonly region?: string | undefined;
  /** The server's clock less ours in milliseconds, where the answer had a date that can be trusted. */
  readonly clockOffsetMs?: number | undefined;
  /** Whether it broke on a kept connection, which the other side may have closed before it saw the request. */
  readonly reused?: boolean | undefined;
  readonly cause?: unknown;
}

/** A failure under way from the wire to the one place that makes errors of it. Callers never see it. */
export class WireFailure extends Error {
  static {
    this.prototype.name = "WireFailure";
  }

  readonly fields: WireFailureFields;

  constructor(fields: WireFailureFields) {
    super(fields.message ?? fields.code, { cause: fields.cause });
    this.fields = fields;
  }
}
