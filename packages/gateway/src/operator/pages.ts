import type { IncomingMessage } from "node:http";
import { errnoOf, type Health } from "@holdfast/engine";
import type { Exchange } from "../http/exchange.ts";
import type { Pipeline, Serving } from "../pipeline.ts";
import { receive } from "../stages/receive.ts";
import type { Metrics } from "./metrics.ts";
import { jsonPage, metricsPage, type Page } from "./page.ts";

/** What serves requests one by one. */
export type Serves = Pick<Pipeline, "serve">;

interface PageParts {
  readonly health: () => Health;
  readonly metrics: Metrics;
}

/**
 * Answers `/-/health` and `/-/metrics` and leaves all else to the pipeline; `-` can be no bucket's name.
 * They name no bucket and no key, and need no signature. Metrics are for this machine alone. A request
 * that two parties could read differently is refused for them, too.
 */
export function operatorPages(inner: Serves, parts: PageParts): Serves {
  return {
    serve: (exchange, serving) => {
      const page = findPage(serving.request, parts);
      if (page === undefined || !isPlain(exchange, serving)) return inner.serve(exchange, serving);
      return answer(exchange, page, serving);
    },
  };
}

function isPlain(exchange: Exchange, { request }: Serving): boolean {
  const { requestId, incoming } = exchange;
  if (incoming.isPresent) return false;
  try {
    receive(request, { requestId, incoming, receivedAt: 0, address: "", isSecure: false });
    return true;
  } catch {
    // The pipeline comes to the same and says what is wrong.
    return false;
  }
}

function findPage(request: IncomingMessage, { health, metrics }: PageParts): Page | undefined {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  if (request.url === "/-/health") return healthPage(health());
  if (request.url === "/-/metrics" && isFromHere(request)) return metricsPage(metrics.text());
}

function healthPage({ writable, reason, passing, cause, syncFailures }: Health): Page {
  const errno = errnoOf(cause);
  const said = {
    writable,
    ...(reason === undefined ? {} : { reason, passing: passing === true }),
    ...(errno === "" ? {} : { errno }),
    syncFailures,
  };
  return jsonPage(writable ? 200 : 503, said);
}

/** What this machine calls itself. A page of anybody's can have a name of its own point here. */
const localHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/** By this machine itself, and not by a proxy on it or by a browser for somebody else. */
function isFromHere({ socket, headers }: IncomingMessage): boolean {
  const address = socket.remoteAddress ?? "";
  const isLoopback = address === "::1" || /^(?:::ffff:)?127\./.test(address);
  const isDirect = headers["forwarded"] === undefined && !("x-forwarded-for" in headers);
  return isLoopback && isDirect && localHost.test(headers.host ?? "");
}

function answer(
  exchange: Exchange,
  { status, type, body }: Page,
  { request, response, isDraining }: Serving,
): Promise<void> {
  exchange.phase = "answering";
  exchange.isLast = isDraining();
  response.writeHead(status, {
    "x-amz-request-id": exchange.requestId,
    server: "Holdfast",
    "cache-control": "no-store",
    "content-type": type,
    "content-length": String(Buffer.byteLength(body)),
    ...(exchange.isLast ? { connection: "close" } : {}),
  });
  return new Promise((resolve) => {
    const settle = (): void => {
      exchange.phase = "done";
      resolve();
    };
    response.once("finish", settle);
    response.once("close", settle);
    response.end(request.method === "HEAD" ? undefined : body);
  });
}
