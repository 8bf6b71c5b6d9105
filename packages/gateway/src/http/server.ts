import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { s3Error } from "@holdfast/protocol";
import type { GatewayLimits } from "../options.ts";
import type { Serves } from "../operator/pages.ts";
import { answerBrokenRequest, type BrokenRequest } from "./broken-request.ts";
import { Connection } from "./connection.ts";
import type { Crowd } from "./crowd.ts";
import { Exchange } from "./exchange.ts";
import { tlsOptions, type TlsIdentity } from "./tls.ts";

/** How often Node looks for headers that are late; its default of 30 s would make the limit vague. */
const timeoutCheckMs = 1000;
const headerBytesMax = 16 * 1024;

interface ServerParts {
  readonly pipeline: Serves;
  readonly crowd: Crowd;
  readonly limits: GatewayLimits;
  readonly isDraining: () => boolean;
  readonly hostId: string;
  readonly tls: TlsIdentity | undefined;
  /** Told of bytes that were no request, once they are answered or nobody is left to answer. */
  readonly onBroken: (broken: BrokenRequest) => void;
}

/** A Node HTTP server that serves S3 and trusts nothing that Node lets pass by default. */
export function createS3Server(parts: ServerParts): Server {
  const { pipeline, crowd, limits, isDraining, hostId, tls, onBroken } = parts;
  const options = {
    insecureHTTPParser: false,
    maxHeaderSize: headerBytesMax,
    keepAlive: true,
    noDelay: true,
    headersTimeout: limits.headersTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // A total limit would cut a long transfer that moves; idleness is watched below.
    requestTimeout: 0,
    // Node's own answer to a missing Host has neither document nor request id: the pipeline has.
    requireHostHeader: false,
    connectionsCheckingInterval: timeoutCheckMs,
  };
  const server: Server =
    tls === undefined ? createServer(options) : createTlsServer({ ...options, ...tlsOptions(tls) });
  server.maxHeadersCount = 0;
  const connections = new WeakMap<Socket, Connection>();

  const serve = (
    request: IncomingMessage,
    response: ServerResponse,
    expectsContinue: boolean,
  ): void => {
    if (crowd.turnsAway(request)) return;
    response.strictContentLength = true;
    const connection = connections.get(request.socket) ?? new Connection(request.socket);
    connections.set(request.socket, connection);
    connection.enqueue(request, () => {
      const exchange = new Exchange(request, response, expectsContinue);
      return [exchange, pipeline.serve(exchange, { request, response, isDraining })];
    });
  };
  if (tls === undefined) {
    server.on("connection", (socket) => crowd.arrive(socket));
  } else {
    // Whose handshake is not done takes a descriptor, too, and cannot be told anything.
    server.maxConnections = crowd.openMax;
    server.on("drop", () => (crowd.refusals += 1));
    server.on("secureConnection", (socket: Socket) => crowd.arrive(socket));
  }
  server.on("request", (request, response) => serve(request, response, false));
  server.on("checkContinue", (request, response) => serve(request, response, true));
  server.on("checkExpectation", (request, response) => serve(request, response, false));
  server.on("clientError", (cause, socket) => {
    // Of a handshake that failed nobody could read an answer.
    const isOpen = tls === undefined || isEncrypted(socket);
    if (isOpen && socket instanceof Socket) onBrokenRequest(cause, socket);
    else socket.destroy();
  });
  const answer = (cause: Error, socket: Socket): void => {
    const broken = answerBrokenRequest(cause, socket, hostId);
    if (broken !== undefined) onBroken(broken);
  };
  const onBrokenRequest = (cause: Error, socket: Socket): void => {
    const connection = connections.get(socket);
    if (connection === undefined) {
      answer(cause, socket);
    } else if (connection.exchange?.phase === "lingering") {
      // The whole answer is written: it must leave before the connection does.
      socket.destroySoon();
    } else if (connection.isComplete && socket.writable) {
      // Bytes behind a request under way must not put a second answer into its body.
      connection.break(() => answer(cause, socket));
    } else if (connection.exchange?.isLast === true && connection.exchange.phase === "done") {
      socket.destroySoon();
    } else {
      socket.destroy();
    }
  };
  // CONNECT, and an Upgrade when it is listened for, would hand us a bare socket.
  server.on("connect", (_request, socket) => socket.destroy());
  server.setTimeout(limits.idleTimeoutMs, (socket) => {
    onIdle(socket, connections.get(socket)?.exchange, limits);
  });
  return server;
}

function isEncrypted(socket: Duplex): boolean {
  return socket instanceof TLSSocket && socket.getCipher() !== undefined;
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
