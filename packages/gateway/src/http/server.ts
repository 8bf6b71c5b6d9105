import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import { s3Error } from "@holdfast/protocol";
import type { GatewayLimits } from "../options.ts";
import type { Exchange, Pipeline } from "../pipeline.ts";
import { answerBrokenRequest } from "./broken-request.ts";

/** How often Node looks for headers that are late; its default of 30 s would make the limit vague. */
const timeoutCheckMs = 1000;
const headerBytesMax = 16 * 1024;

interface ServerParts {
  readonly pipeline: Pipeline;
  readonly limits: GatewayLimits;
  readonly isDraining: () => boolean;
  readonly hostId: string;
}

/** A Node HTTP server that serves S3 and trusts nothing that Node lets pass by default. */
export function createS3Server({ pipeline, limits, isDraining, hostId }: ServerParts): Server {
  const server = createServer({
    insecureHTTPParser: false,
    maxHeaderSize: headerBytesMax,
    keepAlive: true,
    noDelay: true,
    headersTimeout: limits.headersTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // A total limit would cut a long transfer that moves; idleness is watched below.
    requestTimeout: 0,
    connectionsCheckingInterval: timeoutCheckMs,
  });
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connectionsMax;
  const exchanges = new WeakMap<Socket, Exchange>();

  const serve = (request: IncomingMessage, response: ServerResponse, expects: boolean): void => {
    response.strictContentLength = true;
    const onExchange = (exchange: Exchange): unknown => exchanges.set(request.socket, exchange);
    void pipeline.serve(request, response, { expectsContinue: expects, isDraining, onExchange });
  };
  server.on("request", (request, response) => serve(request, response, false));
  server.on("checkContinue", (request, response) => serve(request, response, true));
  server.on("checkExpectation", (request, response) => serve(request, response, false));
  server.on("clientError", (cause, socket) => {
    const exchange = socket instanceof Socket ? exchanges.get(socket) : undefined;
    // Bytes behind a request that is being answered must not put a second answer into its body.
    if (exchange === undefined || exchange.phase === "done") {
      answerBrokenRequest(cause, socket, hostId);
    } else {
      socket.destroy();
    }
  });
  // CONNECT, and an Upgrade when it is listened for, would hand us a bare socket.
  server.on("connect", (_request, socket) => socket.destroy());
  server.setTimeout(limits.idleTimeoutMs, (socket) => {
    onIdle(socket, exchanges.get(socket), limits);
  });
  return server;
}

/** Nothing moved for the idle time. Who was it that had to move? */
function onIdle(socket: Socket, exchange: Exchange | undefined, limits: GatewayLimits): void {
  if (exchange === undefined || exchange.phase !== "reading") {
    socket.destroy();
  } else if (exchange.incoming.isWaiting) {
    exchange.incoming.fail(s3Error("RequestTimeout"));
    socket.setTimeout(limits.idleTimeoutMs);
  } else {
    // The engine is at work and the client waits for us: not the client's fault.
    socket.setTimeout(limits.idleTimeoutMs);
  }
}
