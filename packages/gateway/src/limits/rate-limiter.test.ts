import * as fc from "fast-check";
import { expect, test } from "vitest";
import { RateLimiter } from "./rate-limiter.ts";

/** The bucket of the textbook: tokens that drip in, up to a second's worth and never less than one. */
class Tokens {
  readonly #rate: number;
  #tokens: number;
  #at = 0;

  constructor(rate: number) {
    this.#rate = rate;
    this.#tokens = Math.max(1, rate);
  }

  take(now: number): boolean {
    const dripped = this.#tokens + ((now - this.#at) * this.#rate) / 1000;
    this.#tokens = Math.min(Math.max(1, this.#rate), dripped);
    this.#at = now;
    // Both count in floating point, in another order.
    if (this.#tokens < 1 - 1e-6) return false;
    this.#tokens -= 1;
    return true;
  }
}

interface Asked {
  readonly key: string;
  readonly afterMs: number;
}

function asks(keys: number): fc.Arbitrary<readonly Asked[]> {
  const key = fc.nat(keys - 1).map(String);
  // Mostly at once: a limiter that nobody presses forgets nothing.
  const afterMs = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat(400));
  return fc.array(fc.record({ key, afterMs }), { maxLength: 120 });
}

const rates = fc.constantFrom(0.5, 1, 3, 20);

function admitted(limiter: RateLimiter, rate: number, run: readonly Asked[]): [string, number][] {
  const through: [string, number][] = [];
  let now = 1000;
  for (const { key, afterMs } of run) {
    now += afterMs;
    if (limiter.waitMs(key, rate, now) > 0) continue;
    limiter.take(key, rate, now);
    through.push([key, now]);
  }
  return through;
}

test("of keys that it can hold, each is let through as often as by a bucket of its own", () => {
  fc.assert(
    fc.property(asks(8), rates, (run, rate) => {
      const buckets = new Map<string, Tokens>();
      let now = 1000;
      const expected: [string, number][] = [];
      for (const { key, afterMs } of run) {
        now += afterMs;
        const bucket = buckets.get(key) ?? new Tokens(rate);
        buckets.set(key, bucket);
        if (bucket.take(now)) expected.push([key, now]);
      }
      expect(admitted(new RateLimiter({ keysMax: 8 }), rate, run)).toEqual(expected);
    }),
  );
});

test("however many keys push it out of memory, no key is let through more often than by a bucket of its own", () => {
  fc.assert(
    fc.property(asks(12), rates, fc.integer({ min: 1, max: 4 }), (run, rate, keysMax) => {
      const limiter = new RateLimiter({ keysMax, seed: 7 });
      const buckets = new Map<string, Tokens>();
      for (const [key, at] of admitted(limiter, rate, run)) {
        const bucket = buckets.get(key) ?? new Tokens(rate);
        buckets.set(key, bucket);
        expect(bucket.take(at), `${key} at ${at}`).toBe(true);
      }
      expect(limiter.size).toBeLessThanOrEqual(keysMax);
    }),
  );
});

test("whoever waits as long as it was told is let through, and not a millisecond before", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), rates, (times, rate) => {
      const limiter = new RateLimiter();
      for (let time = 0; time < times; time += 1) limiter.take("k", rate, 1000);
      const waitMs = limiter.waitMs("k", rate, 1000);
      expect(limiter.waitMs("k", rate, 1000 + waitMs)).toBe(0);
      if (waitMs > 1) expect(limiter.waitMs("k", rate, 1000 + waitMs - 1)).toBeGreaterThan(0);
    }),
  );
});

test("a flood of ever new keys, 10,000 a second, fills no memory and does not turn away who never came", () => {
  const limiter = new RateLimiter({ seed: 1 });
  let now = 1000;
  for (let key = 0; key < 500_000; key += 1) {
    now += 0.1;
    limiter.take(`k${key}`, 20, now);
  }
  expect(limiter.size).toBe(16_384);
  const turnedAway = Array.from({ length: 1000 }, (_, index) => `other${index}`).filter(
    (key) => limiter.waitMs(key, 20, now) > 0,
  );
  expect(turnedAway).toEqual([]);
});
