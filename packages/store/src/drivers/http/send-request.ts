import { request as httpRequest, type Agent, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { DriverFailure } from "../../errors/driver-failure.ts";

/** Time limits, in milliseconds. */
export interface HttpTimeouts {
  /** To have a connection, its name resolved and its TLS agreed: 5,000 by default. */
  readonly connectMs: number;
  /** From then to the head of the answer: 30,000 by default. */
  readonly headersMs: number;
  /** Without a byte of the body: 30,000 by default. */
  readonly idleMs: number;
}

/** A request without a body. */
export interface HttpRequest {
  readonly origin: URL;
  /** Path and query, percent-encoded; sent as it is. */
  readonly target: string;
  readonly method: "GET" | "HEAD";
  readonly headers: Readonly<Record<string, string>>;
  readonly agent: Agent;
  readonly timeouts: HttpTimeouts;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends a request and gives the answer when its head is there; the body has to be read or destroyed. Rejects with a
 * `DriverFailure`.
 */
export async function sendRequest(request: HttpRequest): Promise<IncomingMessage> {
  try {
    return await sendOnce(request);
  } catch (error) {
    // The server gave up a kept connection as the request went out on it: it was not heard.
    if (error instanceof StaleConnection) return sendOnce(request);
    throw error;
  }
}

class StaleConnection extends DriverFailure {}

function sendOnce(request: HttpRequest): Promise<IncomingMessage> {
  const { origin, target, method, headers, agent, timeouts, signal } = request;
  return new Promise((resolve, reject) => {
    const open = origin.protocol === "https:" ? httpsRequest : httpRequest;
    const { hostname, port } = origin;
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const outgoing = open({ agent, host, port, method, path: target, headers });
    let timer: NodeJS.Timeout | undefined;
    const end = (failure: unknown): void => {
      settle();
      reject(failure);
      outgoing.destroy();
    };
    const limit = (limitMs: number, code: string): void => {
      clearTimeout(timer);
      const message = "The server took too long.";
      timer = setTimeout(end, limitMs, new DriverFailure({ kind: "timeout", message, code }));
    };
    const abort = (): void => end(signal?.reason);
    const settle = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    const connected = (): void => limit(timeouts.headersMs, "HeadersTimeout");
    limit(timeouts.connectMs, "ConnectTimeout");
    outgoing.once("socket", (socket) => {
      if (!socket.connecting) connected();
      else socket.once(origin.protocol === "https:" ? "secureConnect" : "connect", connected);
    });
    outgoing.once("response", (response) => {
      settle();
      resolve(response);
    });
    outgoing.on("error", (error) => end(failureOfConnection(error, outgoing.reusedSocket)));
    // A server that answers with another protocol ends the request without an error.
    outgoing.once("close", () => end(malformed(undefined)));
    signal?.addEventListener("abort", abort, { once: true });
    outgoing.end();
  });
}

function failureOfConnection(error: Error, isReused: boolean): DriverFailure {
  // Node adds what the server sent, and that may repeat what nobody may log.
  Reflect.deleteProperty(error, "rawPacket");
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (code?.startsWith("HPE_") === true) return malformed(error);
  const failure = { kind: "unavailable", code, cause: error } as const;
  if (isReused && (code === "ECONNRESET" || code === "EPIPE")) return new StaleConnection(failure);
  if (code !== undefined && isOfTls(code)) {
    const message = "The server's certificate is not accepted.";
    return new DriverFailure({ ...failure, message, retryable: false });
  }
  return new DriverFailure(failure);
}

function malformed(cause: Error | undefined): DriverFailure {
  const message = "The server's answer is not HTTP.";
  return new DriverFailure({ kind: "unavailable", message, code: "MalformedResponse", cause });
}

function isOfTls(code: string): boolean {
  return /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code);
}
