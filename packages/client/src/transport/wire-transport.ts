import { clientClosed } from "../errors/client-closed.ts";
import { ConnectionPool } from "./connection-pool.ts";
import { Deadlines } from "./deadlines.ts";
import { Exchange } from "./exchange.ts";
import { requestHead } from "./request-head.ts";
import { SpareBuffers } from "./spare-buffers.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";

/** What a transport is made with. */
export interface WireTransportOptions {
  /** How many connections an endpoint may have at once. */
  readonly connectionsMax: number;
  /** Certificates to trust instead of Node's own, in PEM. */
  readonly ca?: string | readonly string[] | undefined;
}

/** How many places are remembered without a connection to them. */
const emptyPoolsMax = 32;

/** HTTP/1.1 over kept connections: sends targets as they are, and takes no answer that is in doubt. */
export class WireTransport implements Transport {
  readonly #options: WireTransportOptions;
  readonly #spare = new SpareBuffers();
  readonly #pools = new Map<string, ConnectionPool>();
  readonly #deadlines = new Deadlines((now) => this.#sweep(now));
  #closed = false;

  constructor(options: WireTransportOptions) {
    this.#options = options;
  }

  send(request: TransportRequest): Promise<TransportResponse> {
    if (this.#closed) return Promise.reject(clientClosed());
    return new Promise((resolve, reject) => {
      const head = requestHead(request);
      const queue = this.#poolOf(request);
      const waiter = { resolve, reject };
      const exchange = new Exchange(request, head, { waiter, queue, deadlines: this.#deadlines });
      if (exchange.begin()) queue.serve(exchange);
    });
  }

  close(): void {
    this.#closed = true;
    for (const pool of this.#pools.values()) pool.close();
    this.#deadlines.clear();
  }

  #poolOf({ secure, hostname, port }: TransportRequest): ConnectionPool {
    const name = `${secure} ${hostname} ${port}`;
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const { connectionsMax, ca } = this.#options;
    // What was agreed on with a place is worth keeping, but not of each bucket that has a name of its own.
    const emptied = (): void => {
      if (this.#pools.size > emptyPoolsMax) this.#pools.delete(name);
    };
    const note = (at: number): void => this.#deadlines.note(at);
    const pool = new ConnectionPool({ secure, hostname, port, ca }, connectionsMax, {
      emptied,
      note,
      spare: this.#spare,
    });
    this.#pools.set(name, pool);
    return pool;
  }

  #sweep(now: number): number {
    let next = Infinity;
    for (const pool of this.#pools.values()) next = Math.min(next, pool.sweep(now));
    return next;
  }
}
