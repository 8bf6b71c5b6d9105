import type { ErrorCategory, RetryClass } from "@holdfast/protocol";

interface ClientCodeRow {
  readonly category: ErrorCategory;
  readonly retry: RetryClass;
  /** What went wrong, in one sentence. */
  readonly message: string;
}

/** Codes that no server sends: what the client itself found. The catalogue has all others. */
export const clientCodes = {
  Aborted: {
    category: "cancelled",
    retry: "never",
    message: "The caller's signal ended the operation.",
  },
  BodySourceFailed: {
    category: "cancelled",
    retry: "never",
    message: "The source of the request's body failed; the service is not to blame.",
  },
  BodyUnread: {
    category: "cancelled",
    retry: "never",
    message: "The body of an answer was left unread for too long, so its connection was closed.",
  },
  ChecksumMismatch: {
    category: "integrity",
    retry: "transient",
    message: "The bytes that arrived do not have the checksum that the service stated.",
  },
  CircuitOpen: {
    category: "unavailable",
    retry: "transient",
    message: "The circuit breaker of this endpoint is open, so nothing was sent.",
  },
  ConnectTimeout: {
    category: "timeout",
    retry: "transient",
    message: "No connection was made in time.",
  },
  CredentialsUnavailable: {
    category: "unauthenticated",
    retry: "never",
    message: "No credentials were found.",
  },
  DeadlineExceeded: {
    category: "timeout",
    retry: "never",
    message: "The operation did not end before its deadline.",
  },
  HeadersTimeout: {
    category: "timeout",
    retry: "transient",
    message: "The service did not begin its answer in time.",
  },
  IdleTimeout: {
    category: "timeout",
    retry: "transient",
    message: "No byte moved for too long.",
  },
  InvalidConfiguration: {
    category: "invalid-request",
    retry: "never",
    message: "The client's configuration is not sound.",
  },
  MalformedResponse: {
    category: "unavailable",
    retry: "transient",
    message: "The answer is not what S3 answers.",
  },
  ModifiedDuringRead: {
    category: "precondition-failed",
    retry: "restart",
    message: "The object was replaced while it was read.",
  },
  PoolTimeout: {
    category: "timeout",
    retry: "transient",
    message: "All connections to the endpoint were in use; a body that nobody reads holds one.",
  },
  ResponseTooLarge: {
    category: "unavailable",
    retry: "never",
    message: "The answer is longer than any that S3 gives to this request.",
  },
  TruncatedBody: {
    category: "unavailable",
    retry: "transient",
    message: "The answer's body ended before its stated length.",
  },
} as const satisfies Readonly<Record<string, ClientCodeRow>>;

/** A code of the client's own. */
export type ClientCode = keyof typeof clientCodes;
