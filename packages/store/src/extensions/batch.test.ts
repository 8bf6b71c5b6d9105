import { getEventListeners } from "node:events";
import * as fc from "fast-check";
import { expect, expectTypeOf, test } from "vitest";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { Store } from "../store.ts";
import { batch, type BatchOutcome } from "./batch.ts";
import { faulty } from "./faults/faulty-store.ts";

async function all<T>(outcomes: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const outcome of outcomes) found.push(outcome);
  return found;
}

function word(outcome: BatchOutcome<unknown, unknown>): string {
  return outcome.ok ? "ok" : outcome.error.name;
}

async function filled(...paths: readonly string[]): Promise<Store> {
  const store = Store.over(new MemoryDriver());
  for (const path of paths) await store.writeText(path, path);
  return store;
}

test("any batch comes to what its items come to alone, in their order, and never more at once than asked", async () => {
  const plan = fc.array(fc.constantFrom("ok", "missing", "denied", "slow"), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(plan, fc.integer({ min: 1, max: 7 }), async (items, concurrency) => {
      const store = await filled("ok", "denied", "slow");
      let running = 0;
      let most = 0;
      const refusing = faulty(store, ({ path }) =>
        path === "denied" ? { kind: "forbidden", at: "before" } : undefined,
      );
      const outcomes = await all(
        batch(refusing, { concurrency }).each(items, async (path, signal) => {
          running += 1;
          most = Math.max(most, running);
          if (path === "slow") await new Promise(setImmediate);
          return refusing.readText(path, { signal }).finally(() => (running -= 1));
        }),
      );
      expectTypeOf(outcomes).toExtend<BatchOutcome<string, string>[]>();
      expect(most).toBeLessThanOrEqual(concurrency);
      expect(outcomes.map(({ item }) => item)).toEqual(items);
      const words = { ok: "ok", slow: "ok", missing: "NotFound", denied: "PermissionDenied" };
      expect(outcomes.map(word)).toEqual(items.map((item) => words[item]));
    }),
    { numRuns: 50 },
  );
});

test("files are written, looked at, read, copied, moved and deleted many at once", async () => {
  const store = await filled();
  const many = batch(store, { concurrency: 3 });
  const paths = ["a", "b", "c"];
  const written = await all(
    many.write(paths.map((path) => ({ path, content: Buffer.from(path) }))),
  );
  expect(written.map(word)).toEqual(["ok", "ok", "ok"]);
  expect((await all(many.write([{ path: "a", content: Buffer.from("") }]))).map(word)).toEqual([
    "AlreadyExists",
  ]);
  expect((await all(many.getFileInfo(["b", "x"]))).map(word)).toEqual(["ok", "NotFound"]);
  const bytes = await all(many.readBytes(paths));
  expect(bytes.map((one) => one.ok && Buffer.from(one.value).toString())).toEqual(paths);
  await all(many.copy([{ from: "a", to: "d" }]));
  await all(many.move([{ from: "b", to: "e" }]));
  const there = await all(many.exists(["a", "b", "c", "d", "e"]));
  expect(there.map((one) => one.ok && one.value)).toEqual([true, false, true, true, true]);
  expect((await all(many.delete(["a", "b"]))).map(word)).toEqual(["ok", "NotFound"]);
  expect((await all(many.delete(["b"], { missingOk: true }))).map(word)).toEqual(["ok"]);
});

test("on request the first failure ends it: what is under way ends, the rest is listed as aborted", async () => {
  const store = await filled("b", "c", "d");
  const paths = ["a", "b", "c", "d"];
  const outcomes = await all(batch(store, { concurrency: 1, stopOnError: true }).delete(paths));
  expect(outcomes.map(word)).toEqual(["NotFound", "Aborted", "Aborted", "Aborted"]);
  expect(await store.exists("b")).toBe(true);
});

test("an abort is told of every item, in the store's words, and leaves no listener", async () => {
  const controller = new AbortController();
  const store = await filled("a");
  const reason = new Error("enough");
  const running = all(
    batch(store, { concurrency: 2, signal: controller.signal }).each(
      ["a", "b", "c"],
      async (path, signal) => {
        if (path !== "a") await store.write(path, hanging(), { signal });
      },
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  controller.abort(reason);
  const outcomes = await running;
  expect(outcomes.map(word)).toEqual(["ok", "Aborted", "Aborted"]);
  expect(outcomes[2]).toMatchObject({ error: { cause: reason } });
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

async function* hanging(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  await new Promise(() => {});
}

test("a source without an end is read no further ahead than there is room for", async () => {
  const store = await filled();
  let taken = 0;
  async function* endless(): AsyncGenerator<string> {
    for (;;) {
      taken += 1;
      yield `${taken}`;
    }
  }
  let seen = 0;
  for await (const outcome of batch(store, { concurrency: 2 }).exists(endless())) {
    expect(outcome).toMatchObject({ ok: true, value: false });
    seen += 1;
    expect(taken - seen).toBeLessThanOrEqual(2 * 16 + 1);
    if (seen === 5_000) break;
  }
});

test("what the backend cannot do is thrown once and not told of every item", async () => {
  const store = await filled("a", "b");
  const lacking = faulty(store, () => ({ kind: "unsupported", at: "before" }));
  const copies = batch(lacking).copy([
    { from: "a", to: "c" },
    { from: "b", to: "d" },
  ]);
  await expect(all(copies)).rejects.toMatchObject({ name: "CapabilityNotSupported" });
});

test("what the source throws, and what is no error of a store's, is thrown as it is", async () => {
  const store = await filled();
  const bug = new Error("the list broke");
  function* items(): Generator<string> {
    yield "a";
    throw bug;
  }
  await expect(all(batch(store).exists(items()))).rejects.toBe(bug);
  const broken = batch(store).each(["a"], () => Promise.reject(bug));
  await expect(all(broken)).rejects.toBe(bug);
  const nonsense = batch(store, { concurrency: 0 }).exists(["a"]);
  await expect(all(nonsense)).rejects.toMatchObject({ name: "RemoteStoreError" });
});
