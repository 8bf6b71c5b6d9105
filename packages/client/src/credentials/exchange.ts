import { collect } from "../bodies/collect.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import type { TransportResponse } from "../transport/transport.ts";
import { WireTransport } from "../transport/wire-transport.ts";
import { ServiceFailure } from "./service-failure.ts";

/** A request to a service that hands out credentials. */
export interface ServiceRequest {
  readonly url: URL;
  readonly method: "GET" | "PUT" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** For everything, from the connection to the last byte. */
  readonly timeoutMs: number;
  /** Certificates in PEM to trust instead of the usual ones. */
  readonly ca?: string | undefined;
}

/** What it answered. */
export interface ServiceAnswer {
  readonly status: number;
  readonly bytes: Buffer;
}

const answerBytesMax = 65_536;

/** Limits that the one for everything does not cover: there are none. */
const timeouts = { connectMs: 0, headersMs: 0, idleMs: 0 };

/** Sends one request on a connection of its own: no proxy, no redirect. Rejects with a `ServiceFailure`. */
export async function exchange(request: ServiceRequest): Promise<ServiceAnswer> {
  const { url, method, headers, timeoutMs, ca } = request;
  const transport = new WireTransport({ connectionsMax: 1, ca });
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const body = request.body === undefined ? undefined : Buffer.from(request.body);
  const secure = url.protocol === "https:";
  try {
    const response = await transport.send({
      secure,
      hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: Number(url.port) || (secure ? 443 : 80),
      method,
      target: url.pathname + url.search,
      headers: {
        host: url.host,
        ...headers,
        connection: "close",
        ...(body !== undefined && { "content-length": String(body.length) }),
      },
      body,
      timeouts,
      signal: late.signal,
    });
    return await answerOf(response);
  } catch (cause) {
    if (!(cause instanceof WireFailure)) throw cause;
    if (late.signal.aborted) throw new ServiceFailure(`No whole answer within ${timeoutMs} ms.`);
    throw new ServiceFailure("The exchange failed.", undefined, { cause: cause.cause ?? cause });
  } finally {
    clearTimeout(timer);
    transport.close();
  }
}

async function answerOf({ status, body }: TransportResponse): Promise<ServiceAnswer> {
  const { bytes, complete, error } = await collect(body, answerBytesMax);
  if (error !== undefined) throw error;
  if (complete) return { status, bytes };
  throw new ServiceFailure(`The answer has over ${answerBytesMax} bytes.`, status);
}
