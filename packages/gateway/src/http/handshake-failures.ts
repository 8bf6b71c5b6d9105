import type { Server } from "node:http";

/** Why a TLS handshake came to nothing, as far as the server learns it. */
export const handshakeFailures = [
  "certificate_refused",
  "left",
  "no_shared_algorithm",
  "no_shared_version",
  "not_tls",
  "timeout",
  "other",
] as const;
type HandshakeFailure = (typeof handshakeFailures)[number];

/** By the code of Node's error: OpenSSL words one reason in several ways, and the library changes some of them. */
const byCode: readonly (readonly [RegExp, HandshakeFailure])[] = [
  [/^(?:ECONNRESET|EPIPE|ECONNABORTED)$/, "left"],
  [/^ERR_TLS_HANDSHAKE_TIMEOUT$/, "timeout"],
  [/^ERR_SSL_.*ALERT_(?:UNKNOWN_CA|.*CERTIFICATE.*|ACCESS_DENIED)$/, "certificate_refused"],
  [/^ERR_SSL_(?:UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|.*PROTOCOL_VERSION)$/, "no_shared_version"],
  [/^ERR_SSL_NO_(?:SHARED|SUITABLE|COMMON)_.*$/, "no_shared_algorithm"],
  [/^ERR_SSL_(?:HTTP_REQUEST|HTTPS_PROXY_REQUEST)$/, "not_tls"],
  [/^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|BAD_RECORD_TYPE)$/, "not_tls"],
];

/** Tells of each handshake with the server that fails; of a server without TLS it tells nothing. */
export function watchHandshakes(server: Server, told: (reason: HandshakeFailure) => void): void {
  server.on("tlsClientError", (cause: Error) => told(reasonOf(cause)));
}

function reasonOf(cause: Error & { readonly code?: unknown }): HandshakeFailure {
  const { code } = cause;
  if (typeof code !== "string") return "other";
  return byCode.find(([pattern]) => pattern.test(code))?.[1] ?? "other";
}
