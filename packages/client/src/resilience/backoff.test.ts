import * as fc from "fast-check";
import { expect, test } from "vitest";
import { backoffMs } from "./backoff.ts";

/** Uniform numbers from a seed (mulberry32), so that a figure is the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The most of these moments that share a slot of 100 ms. */
function peak(moments: readonly number[]): number {
  const slots = new Map<number, number>();
  for (const moment of moments) {
    const slot = Math.floor(moment / 100);
    slots.set(slot, (slots.get(slot) ?? 0) + 1);
  }
  return Math.max(...slots.values());
}

test("of 1000 clients that fail together, fewer than 150 come back in any 100 ms", () => {
  const random = seeded(20_261_121);
  const peaks = [0, 1, 2].map((retries) =>
    peak(Array.from({ length: 1_000 }, () => backoffMs({ kind: "throttling", retries, random }))),
  );
  console.log(`peak of 1000 clients per 100 ms on retry 1, 2, 3: ${peaks.join(", ")}`);
  expect(Math.max(...peaks)).toBeLessThan(150);
});

test("the same count shows the guide's jitter of a tenth as the crowd that it is", () => {
  const random = seeded(20_261_121);
  const moments = Array.from({ length: 1_000 }, () => 1_000 + 100 * random());
  expect(peak(moments)).toBeGreaterThan(900);
});

test("throttling waits twenty times as long as a broken connection", () => {
  const random = (): number => 0.5;
  expect(backoffMs({ kind: "transient", retries: 0, random })).toBe(25);
  expect(backoffMs({ kind: "throttling", retries: 0, random })).toBe(500);
});

test("a wait stays under its doubling ceiling and under 20 s, whatever the dice say", () => {
  fc.assert(
    fc.property(
      fc.nat(2_000),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (retries, dice) => {
        const ms = backoffMs({ kind: "transient", retries, random: () => dice });
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(Math.min(50 * 2 ** retries, 20_000));
      },
    ),
  );
});

test("a Retry-After lengthens a wait, never shortens it, and by 5 s at most", () => {
  fc.assert(
    fc.property(
      fc.nat(12),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.double({ min: 0, max: 100_000, noNaN: true }),
      (retries, dice, retryAfter) => {
        const random = (): number => dice;
        const own = backoffMs({ kind: "throttling", retries, random });
        const heeded = backoffMs({ kind: "throttling", retries, retryAfter, random });
        expect(heeded).toBe(Math.max(own, Math.min(retryAfter * 1_000, own + 5_000)));
      },
    ),
  );
});
