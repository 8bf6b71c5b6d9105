import type { Readable } from "node:stream";
import { Pool } from "undici";
import { Exchange } from "./exchange.ts";
import type { UpstreamConfig, UpstreamLimits } from "./upstream-config.ts";

/** What one request to an upstream is; the path is sent as it stands. */
export interface Outgoing {
  readonly method: string;
  readonly path: string;
  /** By lower-case name, `host` among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | Readable | undefined;
}

/** Longer than any head that S3 sends, with 2 KiB of metadata twice encoded. */
const headBytesMax = 32 * 1024;
/** Most servers keep a connection for longer; those that say how long are believed. */
const keptMs = 4000;
/** Of the names that buckets have in front of one host. */
const poolsMax = 1024;

/** One way to an upstream: its connections, and whether it was reached when it was last tried. */
export class Endpoint {
  readonly url: URL;
  readonly #config: UpstreamConfig;
  readonly #limits: UpstreamLimits;
  readonly #pools = new Map<string, Pool>();
  #underWay = 0;
  #restsUntil = 0;

  constructor(url: string, config: UpstreamConfig, limits: UpstreamLimits) {
    this.url = new URL(url);
    this.#config = config;
    this.#limits = limits;
  }

  get isSecure(): boolean {
    return this.url.protocol === "https:";
  }

  /** Monotonic milliseconds; in the past when there is no reason to avoid it. */
  get restsUntil(): number {
    return this.#restsUntil;
  }

  /** It could not be reached: for a while the others are asked before it. */
  rest(): void {
    this.#restsUntil = performance.now() + this.#limits.restMs;
  }

  /** Starts a request; `host` is the endpoint's own, or a bucket's in front of it. */
  start(host: string, outgoing: Outgoing): Exchange {
    const isFull = this.#underWay >= this.#limits.connectionsMax;
    this.#underWay += 1;
    let patience: NodeJS.Timeout | undefined;
    const exchange = new Exchange(() => {
      this.#underWay -= 1;
      clearTimeout(patience);
    });
    if (isFull) patience = this.#losePatience(exchange);
    const { body = null } = outgoing;
    this.#pool(host).dispatch({ ...outgoing, body }, exchange);
    return exchange;
  }

  /** Ends every connection, whatever it carries. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
  }

  #losePatience(exchange: Exchange): NodeJS.Timeout {
    return setTimeout(() => {
      if (exchange.hasBegun) return;
      exchange.abort(Object.assign(new Error("no connection is free"), { code: "ETIMEDOUT" }));
    }, this.#limits.connectMs);
  }

  #pool(host: string): Pool {
    const held = this.#pools.get(host);
    if (held !== undefined) return held;
    if (this.#pools.size >= poolsMax) throw new RangeError("too many hosts of one endpoint");
    const { ca } = this.#config;
    const { connectMs, headersMs, idleMs, connectionsMax } = this.#limits;
    const pool = new Pool(`${this.url.protocol}//${host}`, {
      connections: connectionsMax,
      pipelining: 1,
      headersTimeout: headersMs,
      bodyTimeout: idleMs,
      maxHeaderSize: headBytesMax,
      keepAliveTimeout: keptMs,
      connect: { timeout: connectMs, ...(ca === undefined ? {} : { ca }) },
    });
    this.#pools.set(host, pool);
    return pool;
  }
}
