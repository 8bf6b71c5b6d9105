/*
 * By what words the same failure is told: the server's code, the network's errno, and what runtimes and the drivers of
 * several languages call these.
 */
export const names = {
  noSuchKey: ["NoSuchKey"],
  notFound: ["NoSuchKey", "NotFound", "NoSuchObject", "S3NotFoundError", "ENOENT", "404"],
  denied: ["AccessDenied", "Forbidden", "PermissionDenied", "S3AccessDeniedError", "EACCES"],
  exists: ["PreconditionFailed", "AlreadyExists", "412"],
  throttled: ["SlowDown", "Throttled"],
  reset: [
    "ECONNRESET",
    "UND_ERR_SOCKET",
    "EPIPE",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionResetError",
  ],
  cut: [
    "ECONNRESET",
    "UND_ERR_SOCKET",
    "ERR_STREAM_PREMATURE_CLOSE",
    "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
    "TruncatedBody",
    "IncompleteBody",
    "IncompleteReadError",
    "ResponseStreamingError",
  ],
  timeout: [
    "ETIMEDOUT",
    "ESOCKETTIMEDOUT",
    "TimeoutError",
    "UND_ERR_HEADERS_TIMEOUT",
    "UND_ERR_BODY_TIMEOUT",
    "HeadersTimeout",
    "IdleTimeout",
    "ReadTimeoutError",
    "ConnectTimeoutError",
  ],
  corrupt: ["ChecksumMismatch", "IntegrityError", "BadDigest", "FlexibleChecksumError"],
  malformed: ["MalformedResponse", "MalformedXML", "InvalidResponse", "ResponseParserError"],
  internal: ["InternalError", "500"],
  unavailable: ["ServiceUnavailable", "503"],
  aborted: ["AbortError", "Aborted", "S3AbortedError", "CallerLeft"],
  unknownHost: [
    "ENOTFOUND",
    "EAI_AGAIN",
    "EAI_NONAME",
    "EndpointConnectionError",
    "InvalidEndpointError",
  ],
  refused: ["ECONNREFUSED", "EndpointConnectionError"],
} as const;
