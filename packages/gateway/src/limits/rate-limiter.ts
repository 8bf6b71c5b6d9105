import { randomInt } from "node:crypto";

interface RateLimiterOptions {
  /** Keys that are known one by one; what is beyond shares. */
  readonly keysMax?: number;
  /** Makes what shares unpredictable. */
  readonly seed?: number;
}

/** One whole second's worth may come at once, and never less than one request. */
const burstMs = 1000;
const keysMaxDefault = 16_384;
const sharedMax = 8192;

/**
 * A token bucket for each key, as the one number that says all of it: when the bucket will be full again. A key that is
 * not known has a full one, so forgetting a key whose bucket is not full would give its tokens back. When there are too
 * many keys, the oldest one's number goes into a slot that keys share by their hash: nobody gains by coming under many
 * names, and memory is bounded. Times are of a clock that never runs backwards, in milliseconds.
 */
export class RateLimiter {
  readonly #fullAt = new Map<string, { at: number }>();
  /** Goes on where it was: a new one would walk over all that was forgotten before. */
  readonly #oldest = this.#fullAt.keys();
  readonly #shared = new Float64Array(sharedMax);
  readonly #keysMax: number;
  readonly #seed: number;

  constructor({ keysMax = keysMaxDefault, seed = randomInt(2 ** 32) }: RateLimiterOptions = {}) {
    this.#keysMax = keysMax;
    this.#seed = seed;
  }

  /** Keys that are known one by one at this moment. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** How long until a request fits, in milliseconds; 0 when it does now. Takes nothing. */
  waitMs(key: string, requestsPerSecond: number, now: number): number {
    const costMs = 1000 / requestsPerSecond;
    const depthMs = Math.max(burstMs, costMs);
    // A hair of rounding must not turn away a request that is exactly on time.
    const wait = this.#debtMs(key, now) + costMs - depthMs;
    return wait > 1e-6 ? wait : 0;
  }

  /** Takes one token, whether or not there was one: ask `waitMs` first. */
  take(key: string, requestsPerSecond: number, now: number): void {
    const at = now + this.#debtMs(key, now) + 1000 / requestsPerSecond;
    const known = this.#fullAt.get(key);
    if (known !== undefined) {
      known.at = at;
      return;
    }
    if (this.#fullAt.size >= this.#keysMax) this.#forgetOldest(now);
    this.#fullAt.set(key, { at });
  }

  #debtMs(key: string, now: number): number {
    const at = this.#fullAt.get(key)?.at ?? this.#shared[this.#slotOf(key)] ?? 0;
    return Math.max(0, at - now);
  }

  #forgetOldest(now: number): void {
    const { value: key } = this.#oldest.next();
    if (key === undefined) return;
    const at = this.#fullAt.get(key)?.at ?? 0;
    const slot = this.#slotOf(key);
    if (at > now) this.#shared[slot] = Math.max(at, this.#shared[slot] ?? 0);
    this.#fullAt.delete(key);
  }

  #slotOf(key: string): number {
    let hash = this.#seed;
    for (let index = 0; index < key.length; index += 1) {
      hash = Math.imul(hash ^ key.charCodeAt(index), 0x5bd1e995);
      hash ^= hash >>> 15;
    }
    return (hash >>> 0) % sharedMax;
  }
}
