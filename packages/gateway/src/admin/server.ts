import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { descriptorsMax } from "../http/descriptors.ts";
import { watchHandshakes } from "../http/handshake-failures.ts";
import { drain, endpointOf, listen, renewTls } from "../http/listening.ts";
import { tlsOptions, type TlsIdentity } from "../http/tls.ts";
import type { Metrics } from "../operator/metrics.ts";
import { AdminError, asAdminError } from "./admin-error.ts";
import { isAllowedHost } from "./allowed-host.ts";
import { errorReply, reply, sendReply, type AdminReply } from "./reply.ts";
import type { AdminEvent } from "./event.ts";
import { queryOf } from "./query.ts";
import { readJson } from "./read-json.ts";
import type { Route } from "./route.ts";
import { Router } from "./router.ts";
import { presentsToken } from "./token.ts";

const headersTimeoutMs = 10_000;
const requestTimeoutMs = 60_000;
const connectionsMax = 256;
/** Of what the process may open, operators have so small a part that those who use the storage do not notice. */
const descriptorsForEach = 16;
const headerBytesMax = 16 * 1024;
const graceMsDefault = 5000;

export interface AdminServerOptions {
  readonly routes: readonly Route[];
  /** Of the token that requests must present, by `adminTokenDigest`. */
  readonly tokenDigest: Buffer;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** With it the listener speaks TLS and nothing else. */
  readonly tls?: TlsIdentity | undefined;
  /** Names under which the listener may be asked, beside addresses, `localhost` and `host`. */
  readonly hosts?: readonly string[];
  /** Told of every request that may have changed something, and of each that was refused. */
  readonly record?: (event: AdminEvent) => void;
  /** Told of what the server itself failed at. */
  readonly failed?: (requestId: string, cause: unknown) => void;
  /** Where handshakes that fail are counted. */
  readonly metrics?: Metrics;
}

export interface AdminServer {
  readonly host: string;
  readonly port: number;
  /** `http://HOST:PORT`, or `https://HOST:PORT` over TLS. */
  readonly endpoint: string;
  /** Of connections from now on. Throws for one that cannot be used, and keeps the one before. */
  renewTls(identity: TlsIdentity): void;
  /** Stops accepting, lets requests under way end for `graceMs` (5,000 unless told), cuts the rest. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}

/** Starts a listener for the rows of a table. Rejects with Node's error when it cannot listen. */
export async function startAdminServer(options: AdminServerOptions): Promise<AdminServer> {
  const { host } = options;
  const desk = new Desk(options);
  const { tls } = options;
  const settings = {
    insecureHTTPParser: false,
    maxHeaderSize: headerBytesMax,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
  };
  const server: Server =
    tls === undefined
      ? createServer(settings)
      : createTlsServer({ ...settings, ...tlsOptions(tls) });
  server.on("request", (request, response) => void desk.serve(request, response));
  watchHandshakes(server, (reason) => {
    options.metrics?.count("holdfast_tls_handshake_failures_total", { listener: "admin", reason });
  });
  const affordable = Math.max(4, Math.floor(descriptorsMax() / descriptorsForEach));
  server.maxConnections = Math.min(connectionsMax, affordable);
  server.on("connect", (_request, socket) => socket.destroy());
  const port = await listen(server, { host, port: options.port });
  return {
    host,
    port,
    endpoint: endpointOf({ host, port }, tls !== undefined),
    renewTls: (identity) => renewTls(server, identity),
    close: ({ graceMs = graceMsDefault } = {}) => drain(server, graceMs),
  };
}

interface Asked {
  readonly requestId: string;
  readonly request: IncomingMessage;
  /** Set as soon as it is known. */
  route?: Route;
  path?: Readonly<Record<string, string>>;
  body?: unknown;
  answer?: unknown;
}

/** Where requests come in: each is checked, carried out and answered here, one way for all. */
class Desk {
  readonly #options: AdminServerOptions;
  readonly #router: Router;
  readonly #names: readonly string[];

  constructor(options: AdminServerOptions) {
    this.#options = options;
    this.#router = new Router(options.routes);
    this.#names = [options.host, ...(options.hosts ?? [])].map((name) => name.toLowerCase());
  }

  /** Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked: Asked = { requestId: randomBytes(8).toString("hex"), request };
    const left = new AbortController();
    response.once("close", () => left.abort());
    const decided = await this.#decide(asked, left.signal).catch((cause: unknown) =>
      this.#refuse(asked, cause),
    );
    this.#record(asked, decided);
    await sendReply({ request, response, requestId: asked.requestId }, decided).catch(
      (cause: unknown) => {
        // Half an export is sent: only a broken connection can say that it is not whole.
        response.destroy();
        if (!left.signal.aborted) this.#options.failed?.(asked.requestId, cause);
      },
    );
  }

  async #decide(asked: Asked, signal: AbortSignal): Promise<AdminReply> {
    const { request } = asked;
    if (!isAllowedHost(request.headers.host, this.#names)) throw new AdminError("host_not_allowed");
    const target = request.url ?? "";
    const [path = "", search = ""] = target.split("?", 2);
    const holdsToken = presentsToken(request.headers.authorization, this.#options.tokenDigest);
    let found: ReturnType<Router["find"]>;
    try {
      found = this.#router.find(request.method ?? "", path);
    } catch (cause) {
      // Who has no token learns nothing, not even which paths there are.
      throw holdsToken ? cause : new AdminError("unauthorized", undefined, { cause });
    }
    asked.route = found.route;
    if (!holdsToken && !isOpenTo(found.route, request)) throw new AdminError("unauthorized");
    asked.path = found.path;
    asked.body = await readJson(request);
    const call = { path: found.path, query: queryOf(search), body: asked.body, signal };
    asked.answer = await found.route.run(call);
    return reply(found.route, asked.answer);
  }

  #refuse({ requestId }: Asked, cause: unknown): AdminReply {
    const error = asAdminError(cause);
    if (error.code === "internal") this.#options.failed?.(requestId, cause);
    return errorReply(error);
  }

  #record(asked: Asked, { status, code }: AdminReply): void {
    const { requestId, request, route, path = {}, body, answer } = asked;
    if (code === undefined && (route === undefined || route.method === "GET")) return;
    const action = route?.name ?? "unknown";
    this.#options.record?.({
      requestId,
      action,
      path,
      body,
      answer,
      status,
      code,
      address: request.socket.remoteAddress ?? "",
    });
  }
}

/** By this machine itself, and not by a proxy on it for somebody else. */
function isOpenTo({ openness = "token" }: Route, { socket, headers }: IncomingMessage): boolean {
  if (openness !== "machine") return openness === "open";
  const address = socket.remoteAddress ?? "";
  const isLoopback = address === "::1" || /^(?:::ffff:)?127\./.test(address);
  return isLoopback && headers["forwarded"] === undefined && !("x-forwarded-for" in headers);
}
