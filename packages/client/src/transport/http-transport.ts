import { Agent as HttpAgent, request as httpRequest, type ClientRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { IncomingMessage } from "node:http";
import { clientClosed } from "../errors/client-closed.ts";
import { unsendable } from "../errors/unsendable.ts";
import { Exchange } from "./exchange.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** What a transport is made with. */
export interface HttpTransportOptions {
  /** How many connections an endpoint may have at once. */
  readonly connectionsMax: number;
  /** How long an unused connection is kept, in milliseconds. */
  readonly idleMs: number;
  /** Certificates to trust instead of Node's own, in PEM. */
  readonly ca?: string | readonly string[] | undefined;
}

/** HTTP/1.1 over kept connections, by Node's own client: it sends targets as they are. */
export class HttpTransport implements Transport {
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;
  readonly #underWay = new Set<Exchange>();
  #closed = false;

  constructor({ connectionsMax, idleMs, ca }: HttpTransportOptions) {
    const options = {
      keepAlive: true,
      maxSockets: connectionsMax,
      maxFreeSockets: connectionsMax,
      timeout: idleMs,
      // The connection used last is the least likely to have been closed by the other side.
      scheduling: "lifo" as const,
    };
    this.#http = new HttpAgent(options);
    this.#https = new HttpsAgent({
      ...options,
      ...(ca !== undefined && { ca: typeof ca === "string" ? ca : [...ca] }),
    });
  }

  send(request: TransportRequest): Promise<TransportResponse> {
    if (this.#closed) return Promise.reject(clientClosed());
    return new Promise((resolve, reject) => {
      const exchange = new Exchange(request, { resolve, reject, over: this.#forget });
      try {
        exchange.begin(this.#open(request, exchange.onResponse));
        this.#underWay.add(exchange);
      } catch (error) {
        reject(unsendable(error));
      }
    });
  }

  close(): void {
    this.#closed = true;
    // Agents end connections, but whoever waits for one would be given a new one.
    for (const exchange of this.#underWay) exchange.end(clientClosed());
    this.#http.destroy();
    this.#https.destroy();
  }

  readonly #forget = (exchange: Exchange): void => {
    this.#underWay.delete(exchange);
  };

  #open(request: TransportRequest, onResponse: (response: IncomingMessage) => void): ClientRequest {
    const { secure, hostname, port, method, target } = request;
    const headers: string[] = [];
    for (const name in request.headers) headers.push(name, request.headers[name] ?? "");
    const open = secure ? httpsRequest : httpRequest;
    const agent = secure ? this.#https : this.#http;
    const options = { agent, host: hostname, port, method, path: target, headers, setHost: false };
    return open(options, onResponse);
  }
}
