import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { checkFault, type CheckedFault, type Fault } from "../faults/fault.ts";
import { FaultError } from "../faults/fault-error.ts";
import { FaultSet, type Chosen } from "../faults/fault-set.ts";
import { describeRequest, type SeenRequest } from "../seen-request.ts";
import { craftAnswer, deleteResult, type CraftedAnswer } from "./crafted-answer.ts";
import { Exchange } from "./exchange.ts";
import { Connections } from "./connections.ts";
import { answerControl, broughtFault, controlPath } from "./control-pages.ts";
import { KnownListings } from "./known-listings.ts";
import { deleteOthers, type Signing } from "./partial-delete.ts";
import { Upstream, type UpstreamAddress } from "./upstream.ts";

export interface LabServerOptions {
  readonly upstream: UpstreamAddress;
  readonly seed: number;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Without it, faults that the lab needs requests of its own for cannot be. */
  readonly signing?: Signing | undefined;
  /** What it shows over HTTP beside faults and requests. */
  readonly pages: Readonly<Record<string, (body: unknown) => unknown>>;
}

/** Older requests are forgotten: a lab that serves for weeks must not grow. */
const requestsMax = 10_000;

/** Stands before an S3 server and does to requests and answers what its faults say. */
export class LabServer {
  readonly faults: FaultSet;
  readonly requests: SeenRequest[] = [];
  readonly #options: LabServerOptions;
  readonly #upstream: Upstream;
  readonly #server: Server;
  readonly #closing = new AbortController();
  readonly #attempts = new Map<string, number>();
  readonly #listings = new KnownListings();
  readonly #connections = new Connections();
  readonly #startedAt = performance.now();
  #arrived = 0;

  private constructor(options: LabServerOptions) {
    this.#options = options;
    this.faults = new FaultSet(
      options.seed,
      options.signing === undefined ? withoutRequestsOfItsOwn : checkFault,
    );
    this.#upstream = new Upstream(options.upstream);
    const serve = (request: IncomingMessage, response: ServerResponse): void =>
      this.#serve(request, response, false);
    this.#server = createServer({ keepAlive: true, noDelay: true, requestTimeout: 0 }, serve);
    this.#server.on("checkContinue", (request, response) => this.#serve(request, response, true));
    this.#server.on("connection", (socket) => this.#connections.add(socket));
    this.#server.on("clientError", (_error, socket) => socket.destroy());
  }

  static async start(options: LabServerOptions): Promise<LabServer> {
    const lab = new LabServer(options);
    lab.#server.listen(options.port, options.host);
    await once(lab.#server, "listening");
    return lab;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("not listening");
    return address.port;
  }

  /** Ends the connections that no request is on, as servers do after a while; resolves once their peers know. */
  async hangUp(): Promise<void> {
    await this.#connections.endIdle();
  }

  /** Cuts every connection, also those that a fault holds. */
  async close(): Promise<void> {
    this.#closing.abort();
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    this.#upstream.close();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { socket } = request;
    response.on("error", ignore);
    if (request.url?.startsWith(controlPath) === true) {
      void answerControl(request, response, {
        faults: this.faults,
        requests: this.requests,
        pages: this.#options.pages,
        reset: () => this.reset(),
      });
      return;
    }
    this.#connections.use(socket, response);
    const seen = this.#see(request);
    const chosen = this.#choose(request, response, seen);
    if (chosen === "refused") return;
    seen.fault = chosen?.id;
    const exchange = new Exchange({
      request,
      response,
      seen,
      expectsContinue,
      upstream: this.#upstream,
      befallen: chosen,
      seed: this.#options.seed,
      closing: this.#closing.signal,
      keeps: this.#listings.wants(seen) ? (answer) => this.#listings.keep(seen, answer) : undefined,
      craft: (fault) => this.#craft(request, seen, fault),
    });
    // A peer that left, or a server that did: what was under way cannot end well, and says so by its connection.
    exchange.carryOut().catch(() => socket.destroy());
  }

  /** The fault that the request brings along, or else one of those that were set. */
  #choose(
    { headers }: IncomingMessage,
    response: ServerResponse,
    seen: SeenRequest,
  ): Chosen | "refused" | undefined {
    try {
      const brought = broughtFault(headers);
      return brought === undefined ? this.faults.choose(seen) : this.faults.once(brought);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      response.writeHead(400, { "content-type": "text/plain", connection: "close" }).end(message);
      return "refused";
    }
  }

  /** Ends all faults and forgets what arrived. */
  reset(): void {
    this.faults.clear();
    this.requests.length = 0;
    this.#attempts.clear();
  }

  #see(request: IncomingMessage): SeenRequest {
    const described = describeRequest(request);
    const identity = `${described.method} ${described.target}`;
    const attempt = (this.#attempts.get(identity) ?? 0) + 1;
    this.#attempts.delete(identity);
    this.#attempts.set(identity, attempt);
    const [oldest] = this.#attempts.keys();
    if (this.#attempts.size > requestsMax && oldest !== undefined) this.#attempts.delete(oldest);
    this.#arrived += 1;
    const atMs = performance.now() - this.#startedAt;
    const seen = { ...described, number: this.#arrived, attempt, atMs, bytesIn: 0 };
    this.requests.push(seen);
    if (this.requests.length > requestsMax) this.requests.shift();
    return seen;
  }

  async #craft(
    request: IncomingMessage,
    seen: SeenRequest,
    fault: CheckedFault,
  ): Promise<CraftedAnswer> {
    if (fault.stale === true) return this.#listings.before(seen);
    const ids = {
      requestId: randomBytes(8).toString("hex").toUpperCase(),
      hostId: randomBytes(24).toString("base64"),
    };
    const answer = fault.then ?? {};
    if (answer.keys === undefined) return craftAnswer(answer, seen, ids);
    const server = { upstream: this.#upstream, signing: this.#options.signing };
    const body = deleteResult(await deleteOthers(request, answer.keys, server));
    return craftAnswer({ status: 200, body }, seen, ids);
  }
}

/** A lab that has no credentials cannot ask the server for anything itself. */
function withoutRequestsOfItsOwn(fault: Fault): CheckedFault {
  const checked = checkFault(fault);
  const keys = checked.then?.keys ?? {};
  // Where all are refused, the server has nothing to delete.
  if (Object.keys(keys).every((key) => key === "*")) return checked;
  throw new FaultError([
    {
      path: ["then", "keys"],
      problem: "needs a lab of its own",
      mend: "before another server, only the client can sign which keys are deleted",
    },
  ]);
}

function ignore(): void {}
