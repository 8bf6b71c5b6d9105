import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { expect, expectTypeOf, test } from "vitest";
import { toS3Error } from "../errors/to-s3-error.ts";
import { batch, batchStream, type BatchOutcome } from "./batch.ts";
import { wait } from "./wait.ts";

function failure(code: string, status: number) {
  const context = { operation: "PutObject" };
  return toS3Error({ code, status }, { context, history: [], ambiguous: false });
}

const broken = () => failure("InternalError", 500);
const denied = () => failure("AccessDenied", 403);
const atOnce = { random: () => 0 };

/** What there is of an outcome beside its item, in a word. */
function word(outcome: BatchOutcome<unknown, unknown>): string {
  if (outcome.ok) return `ok after ${outcome.attempts}`;
  const { error, attempts } = outcome;
  return `${error instanceof Error ? error.name : "?"} after ${attempts}`;
}

test("each failed item is tried again with its own data, and no other's", async () => {
  const sent: string[] = [];
  const stored = new Map<string, string>();
  const items = Array.from({ length: 40 }, (_, index) => ({ key: `k${index}`, body: `b${index}` }));
  const outcomes = await batch(
    items,
    async ({ key, body }, { attempt }) => {
      sent.push(`${key}=${body}`);
      if (attempt <= Number(key.slice(1)) % 3) throw broken();
      stored.set(key, body);
    },
    atOnce,
  );
  expect(outcomes.map(word)).toEqual(items.map((_, index) => `ok after ${(index % 3) + 1}`));
  expect(stored).toEqual(new Map(items.map(({ key, body }) => [key, body])));
  expect(sent.every((line) => /^k(\d+)=b\1$/.test(line))).toBe(true);
});

test("outcomes stand in the items' order, typed, whoever ends first", async () => {
  const outcomes = await batch([30, 1, 20, 1], async (ms) => {
    await wait(ms);
    if (ms === 20) throw denied();
    return String(ms);
  });
  expectTypeOf(outcomes).toEqualTypeOf<BatchOutcome<number, string>[]>();
  expect(outcomes.map(({ item }) => item)).toEqual([30, 1, 20, 1]);
  expect(outcomes.map(word)).toEqual([
    "ok after 1",
    "ok after 1",
    "S3AccessDeniedError after 1",
    "ok after 1",
  ]);
});

test("an item that succeeds in the end is no failure, and one that cannot succeed is tried once", async () => {
  const tries = { later: 0, never: 0 };
  const outcomes = await batch(
    ["later", "never"] as const,
    async (item) => {
      tries[item] += 1;
      if (item === "never") throw denied();
      if (tries.later < 3) throw broken();
    },
    atOnce,
  );
  expect(outcomes.map(word)).toEqual(["ok after 3", "S3AccessDeniedError after 1"]);
  expect(tries).toEqual({ later: 3, never: 1 });
});

test("any batch agrees with running its items one after another, and never runs too many at once", async () => {
  const plan = fc.array(fc.record({ failures: fc.nat(4), fatal: fc.boolean(), turns: fc.nat(3) }));
  await fc.assert(
    fc.asyncProperty(plan, fc.integer({ min: 1, max: 8 }), async (items, concurrency) => {
      let running = 0;
      const outcomes = await batch(
        items,
        async ({ failures, fatal, turns }, { attempt }) => {
          running += 1;
          expect(running).toBeLessThanOrEqual(concurrency);
          for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
          running -= 1;
          if (attempt <= failures) throw fatal ? denied() : broken();
        },
        { ...atOnce, baseDelay: 0, concurrency },
      );
      expect(outcomes.map(word)).toEqual(
        items.map(({ failures, fatal }) => {
          if (failures === 0) return "ok after 1";
          if (fatal) return "S3AccessDeniedError after 1";
          return failures <= 2 ? `ok after ${failures + 1}` : "S3ServerError after 3";
        }),
      );
    }),
    { numRuns: 40 },
  );
});

test("an abort ends the batch at once: what is under way is told, the rest is marked as aborted", async () => {
  const controller = new AbortController();
  const started: number[] = [];
  const running = batch(
    [0, 1, 2, 3, 4, 5],
    async (item, { signal }) => {
      started.push(item);
      if (item === 0) return;
      await wait(60_000, signal);
    },
    { concurrency: 2, signal: controller.signal },
  );
  await wait(5);
  const reason = new Error("enough");
  const from = performance.now();
  controller.abort(reason);
  const outcomes = await running;
  const ms = performance.now() - from;
  console.log(`abort of a batch: ${ms.toFixed(2)} ms`);
  expect(ms).toBeLessThan(10_000);
  expect(started).toEqual([0, 1, 2]);
  expect(outcomes.map(({ ok, attempts }) => [ok, attempts])).toEqual([
    [true, 1],
    [false, 1],
    [false, 1],
    [false, 0],
    [false, 0],
    [false, 0],
  ]);
  expect(outcomes[5]).toMatchObject({ error: { name: "S3AbortedError", cause: reason } });
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

test("on request the first error that is final ends it: nothing more begins, what runs may end", async () => {
  const started: number[] = [];
  const outcomes = await batch(
    [0, 1, 2, 3, 4],
    async (item) => {
      started.push(item);
      await wait(item === 0 ? 1 : 10);
      if (item === 0) throw denied();
    },
    { concurrency: 2, stopOnFatal: true },
  );
  expect(started).toEqual([0, 1]);
  expect(outcomes.map(word)).toEqual([
    "S3AccessDeniedError after 1",
    "ok after 1",
    "S3AbortedError after 0",
    "S3AbortedError after 0",
    "S3AbortedError after 0",
  ]);
  expect(outcomes[2]).toMatchObject({ error: { cause: { name: "S3AccessDeniedError" } } });
});

test("without it one that is denied leaves the others alone", async () => {
  const outcomes = await batch([0, 1, 2], async (item) => {
    if (item === 0) throw denied();
  });
  expect(outcomes.map(({ ok }) => ok)).toEqual([false, true, true]);
});

test("a source without an end is read no further ahead than there is room for", async () => {
  let taken = 0;
  let closed = false;
  async function* endless() {
    try {
      for (;;) {
        taken += 1;
        yield taken;
      }
    } finally {
      closed = true;
    }
  }
  const seen: number[] = [];
  for await (const outcome of batchStream(endless(), async (item) => item, { concurrency: 3 })) {
    seen.push(outcome.item);
    if (seen.length % 1_000 === 0) await wait(2);
    expect(taken - seen.length).toBeLessThanOrEqual(3 * 16 + 1);
    if (seen.length === 20_000) break;
  }
  await wait(0);
  expect(seen).toEqual(Array.from({ length: 20_000 }, (_, index) => index + 1));
  expect(closed).toBe(true);
});

/** What is on the heap and not garbage, in bytes. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

test("two hundred thousand items leave nothing behind", async () => {
  const mebibyte = 2 ** 20;
  function* items() {
    for (let item = 0; item < 200_000; item += 1) yield { item, weight: "x".repeat(50) + item };
  }
  let most = 0;
  let count = 0;
  const before = heldBytes();
  for await (const outcome of batchStream(items(), async ({ item }) => item, { concurrency: 8 })) {
    if (!outcome.ok) throw outcome.error;
    count += 1;
    if (count % 20_000 === 0) most = Math.max(most, heldBytes() - before);
  }
  console.log(
    `heap over a batch of ${count} items grew by ${(most / mebibyte).toFixed(1)} MiB at most`,
  );
  expect(count).toBe(200_000);
  expect(most).toBeLessThan(5 * mebibyte);
});

test("leaving the loop aborts what is under way", async () => {
  const aborted: number[] = [];
  const stream = batchStream([0, 1, 2], async (item, { signal }) => {
    if (item === 0) return;
    await wait(60_000, signal).catch(() => aborted.push(item));
  });
  for await (const outcome of stream) {
    expect(outcome.item).toBe(0);
    break;
  }
  await wait(0);
  expect(aborted).toEqual([1, 2]);
});

test("a source that hangs does not keep an aborted batch from ending", async () => {
  const controller = new AbortController();
  async function* hanging() {
    yield 1;
    await new Promise(() => {});
  }
  const running = batch(hanging(), async (item) => item, { signal: controller.signal });
  await wait(5);
  controller.abort();
  expect((await running).map(word)).toEqual(["ok after 1"]);
});

test("what the source throws comes after the outcomes of the items before it", async () => {
  const bug = new Error("the list broke");
  function* items() {
    yield 1;
    yield 2;
    throw bug;
  }
  const seen: number[] = [];
  const reading = async (): Promise<void> => {
    for await (const { item } of batchStream(items(), () => wait(5))) seen.push(item);
  };
  await expect(reading()).rejects.toBe(bug);
  expect(seen).toEqual([1, 2]);
  await expect(batch(items(), async () => {})).rejects.toBe(bug);
});

test("no items are no outcomes", async () => {
  expect(await batch([], async () => {})).toEqual([]);
});

test("a first item that is slow makes the rest of many no slower", async () => {
  const count = 50_000;
  const items = Array.from({ length: count }, (_, index) => index);
  const waited = new Promise<void>((resolve) => setTimeout(resolve, 300));
  const cpu = process.cpuUsage();
  const outcomes = await batch(items, async (item) => {
    if (item === 0) await waited;
    return item;
  });
  const { user, system } = process.cpuUsage(cpu);
  expect(outcomes.map(({ item }) => item)).toEqual(items);
  // Some microseconds for each; copying the queue for each would take a hundred times as long.
  expect((user + system) / count).toBeLessThan(100);
});

test.each([null, undefined, 5, {}])(
  "what cannot be iterated over is an error: %o",
  async (none) => {
    const run: unknown = Reflect.apply(batch, undefined, [none, () => Promise.resolve(1)]);
    await expect(run).rejects.toBeInstanceOf(TypeError);
  },
);

test("a string is iterated over like any other", async () => {
  const outcomes = await batch("ab", (letter) => Promise.resolve(letter));
  expect(outcomes.map(({ item }) => item)).toEqual(["a", "b"]);
});
