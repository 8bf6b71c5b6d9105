import { WireFailure } from "../errors/wire-failure.ts";
import { SocketOpener, type SocketPlace } from "./open-socket.ts";
import type { Exchange } from "./exchange.ts";
import type { SpareBuffers } from "./spare-buffers.ts";
import { WireConnection } from "./wire-connection.ts";

/** Whoever has the pool. */
interface PoolOwner {
  /** The pool has neither a connection nor anyone who waits for one. */
  emptied(): void;
  /** It is to be swept then, in milliseconds of `performance.now()`. */
  note(at: number): void;
  /** What its large bodies are read into. */
  readonly spare: SpareBuffers;
}

/** The connections to one place: so many at once at most, and whoever waits for one is served in order. */
export class ConnectionPool {
  readonly #opener: SocketOpener;
  readonly #secure: boolean;
  readonly #connectionsMax: number;
  readonly #connections = new Set<WireConnection>();
  /** The one used last is the last here, and used first: the least likely to have been closed by the other side. */
  readonly #idle: WireConnection[] = [];
  readonly #waiting = new Set<Exchange>();
  readonly #owner: PoolOwner;

  constructor(place: SocketPlace, connectionsMax: number, owner: PoolOwner) {
    this.#opener = new SocketOpener(place);
    this.#secure = place.secure;
    this.#connectionsMax = connectionsMax;
    this.#owner = owner;
  }

  get #isEmpty(): boolean {
    return this.#connections.size === 0 && this.#waiting.size === 0;
  }

  /** Gives the exchange a connection, now or when it is its turn. */
  serve(exchange: Exchange): void {
    const idle = this.#takeIdle();
    if (idle !== undefined) idle.lend(exchange);
    else if (this.#connections.size < this.#connectionsMax) this.#open(exchange);
    else this.#waiting.add(exchange);
  }

  /** It waits no longer. */
  leave(exchange: Exchange): void {
    this.#waiting.delete(exchange);
    if (this.#isEmpty) this.#owner.emptied();
  }

  note(at: number): void {
    this.#owner.note(at);
  }

  free(connection: WireConnection): void {
    const next = this.#takeWaiting();
    if (next === undefined) this.#idle.push(connection);
    else connection.lend(next);
  }

  gone(connection: WireConnection): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    const next = this.#takeWaiting();
    if (next !== undefined) this.#open(next);
    else if (this.#isEmpty) this.#owner.emptied();
  }

  /** Ends what is late at `now`, and returns when the next is due; both in milliseconds of `performance.now()`. */
  sweep(now: number): number {
    let next = Infinity;
    for (const one of [...this.#connections, ...this.#waiting]) {
      if (one.deadline <= now) one.late();
      next = Math.min(next, one.deadline > now ? one.deadline : Infinity);
    }
    return next;
  }

  /** Ends all, and whoever waits or is served with this failure. */
  close(): void {
    for (const exchange of this.#waiting) exchange.closed();
    for (const connection of this.#connections) connection.close();
  }

  #open(exchange: Exchange): void {
    const secure = this.#secure;
    const { spare } = this.#owner;
    try {
      this.#connections.add(new WireConnection(this, this.#opener, { exchange, secure, spare }));
    } catch (cause) {
      exchange.end(unopened(cause));
    }
  }

  #takeIdle(): WireConnection | undefined {
    const now = performance.now();
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined || connection.isUsable(now)) return connection;
      connection.destroy();
    }
  }

  #takeWaiting(): Exchange | undefined {
    const [next] = this.#waiting;
    if (next !== undefined) this.#waiting.delete(next);
    return next;
  }
}

/** Nothing is thrown of a connection that cannot be made, but of certificates that are none. */
function unopened(cause: unknown): WireFailure {
  const message = "No connection can be made with these certificates.";
  return new WireFailure({ code: "InvalidConfiguration", message, cause });
}
