import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { RetryBudget } from "@holdfast/client";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { Store } from "../store.ts";
import { diceOf } from "./faults/dice.ts";
import { faulty, type Fault, type FaultPlan } from "./faults/faulty-store.ts";
import { retrying, type StoreRetryOptions } from "./retrying-store.ts";
import type { StoreCall } from "./store-call.ts";
import type { StoreLike } from "./store-like.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const atOnce = { baseDelay: 0, maxDelay: 0 } satisfies StoreRetryOptions;
const broken = { kind: "unavailable", at: "before" } satisfies Fault;

function memory(): Store {
  return Store.over(new MemoryDriver());
}

/** Fails the calls of an operation in that order, and remembers all calls. */
function scripted(operation: string, faults: readonly Fault[]): [FaultPlan, StoreCall[]] {
  const calls: StoreCall[] = [];
  let next = 0;
  const plan: FaultPlan = (call) => {
    calls.push(call);
    if (call.operation !== operation) return undefined;
    next += 1;
    return faults[next - 1];
  };
  return [plan, calls];
}

async function* once(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

test("what is retryable is tried again, and what is not is told at once", async () => {
  const inner = memory();
  await inner.writeText("a", "one");
  const [plan, calls] = scripted("readText", [broken, { ...broken, kind: "timeout" }]);
  expect(await retrying(faulty(inner, plan), atOnce).readText("a")).toBe("one");
  expect(calls).toHaveLength(3);
  for (const kind of ["not-found", "forbidden", "integrity", "quota-exceeded"] as const) {
    const [refusing, refused] = scripted("readText", [{ kind, at: "before" }]);
    const read = retrying(faulty(inner, refusing), atOnce).readText("a");
    await expect(read).rejects.toMatchObject({ retryable: false });
    expect(refused).toHaveLength(1);
  }
});

test("the error is that of the last try, and has all of them", async () => {
  const [plan, calls] = scripted("ping", [broken, broken, { ...broken, kind: "throttled" }]);
  const error: unknown = await retrying(faulty(memory(), plan), { ...atOnce, maxRetries: 2 })
    .ping()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: "Throttled",
    history: [
      { attempt: 1, errorCode: "BackendUnavailable" },
      { attempt: 2, errorCode: "BackendUnavailable" },
      { attempt: 3, errorCode: "Throttled" },
    ],
  });
  expect(calls).toHaveLength(3);
});

test("a write whose content can be read only once is not repeated; bytes, text and a Blob are", async () => {
  for (const method of ["write", "writeAtomic"] as const) {
    const [plan, calls] = scripted(method, [broken]);
    const written = retrying(faulty(memory(), plan), atOnce)[method]("a", once("x"));
    await expect(written).rejects.toMatchObject({ name: "BackendUnavailable", retryable: true });
    expect(calls).toHaveLength(1);
    for (const content of [Buffer.from("x"), new Blob(["x"])]) {
      const [again] = scripted(method, [broken]);
      const store = retrying(faulty(memory(), again), atOnce);
      expect(await store[method]("a", content)).toMatchObject({ size: 1 });
    }
  }
});

test("what may have happened is done again only where twice does no harm", async () => {
  const lost = { kind: "unavailable", at: "after" } satisfies Fault;
  const store = (operation: string, inner: Store): [StoreLike, StoreCall[]] => {
    const [plan, calls] = scripted(operation, [lost]);
    return [retrying(faulty(inner, plan), atOnce), calls];
  };
  const inner = memory();
  await inner.writeText("a", "one");
  await inner.writeText("b", "two");
  const [moving, moves] = store("move", inner);
  await expect(moving.move("a", "c")).rejects.toMatchObject({ ambiguous: true });
  expect(moves).toHaveLength(1);
  const [deleting, deletions] = store("delete", inner);
  await expect(deleting.delete("b")).rejects.toMatchObject({ ambiguous: true });
  expect(deletions).toHaveLength(1);
  const [forgiving] = store("delete", inner);
  await forgiving.delete("c", { missingOk: true });
  const [overwriting] = store("writeText", inner);
  expect(await overwriting.writeText("d", "x", { overwrite: true })).toMatchObject({ size: 1 });
});

test("a creation whose answer was lost is refused by what it made, and the error says that it may have been its own", async () => {
  const [plan] = scripted("writeText", [{ kind: "unavailable", at: "after" }]);
  const inner = memory();
  const written = retrying(faulty(inner, plan), atOnce).writeText("a", "mine");
  await expect(written).rejects.toMatchObject({ name: "AlreadyExists", ambiguous: true });
  expect(await inner.readText("a")).toBe("mine");
});

test("a wait is no shorter than the backend asks, and none is begun that would pass the deadline", async () => {
  const slow = { kind: "throttled", at: "before", retryAfter: 0.05 } satisfies Fault;
  const waits: number[] = [];
  const onRetry = ({ delayMs }: { readonly delayMs: number }): void => void waits.push(delayMs);
  const [plan] = scripted("ping", [slow]);
  await retrying(faulty(memory(), plan), { ...atOnce, maxDelay: 1, onRetry }).ping();
  expect(waits).toEqual([50]);
  const [patient, calls] = scripted("ping", [{ ...slow, retryAfter: 30 }]);
  const store = retrying(faulty(memory(), patient), { deadlineMs: 20_000 });
  await expect(store.ping()).rejects.toMatchObject({ name: "Throttled", retryAfter: 30 });
  expect(calls).toHaveLength(1);
});

test("a deadline ends a call that hangs, as a BackendUnavailable", async () => {
  const hanging = faulty(memory(), () => ({ kind: "unavailable", at: "after" }));
  hanging.ping = (options) =>
    new Promise((_resolve, reject) => {
      options?.signal?.addEventListener("abort", () => reject(new RemoteStoreError("ended")));
    });
  const ping = retrying(hanging, { deadlineMs: 20 }).ping();
  await expect(ping).rejects.toMatchObject({ name: "BackendUnavailable", operation: "ping" });
});

test("an abort ends a wait at once as Aborted, with the signal's reason and no listener left", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const store = retrying(
    faulty(memory(), () => broken),
    {
      baseDelay: 60,
      random: () => 0.99,
      onRetry: () => setImmediate(() => controller.abort(reason)),
    },
  );
  const read = store.readText("a", { signal: controller.signal });
  const aborted = { name: "Aborted", path: "a", operation: "readText", backend: "memory" };
  await expect(read).rejects.toMatchObject({ ...aborted, cause: reason });
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

test("an outage is not multiplied: retries end with the store's budget, whichever child asks", async () => {
  let calls = 0;
  const down = faulty(memory(), () => {
    calls += 1;
    return broken;
  });
  const store = retrying(down, { ...atOnce, budget: new RetryBudget() });
  for (let call = 0; call < 300; call += 1) {
    const asked = call % 2 === 0 ? store : store.child("folder");
    await expect(asked.exists("a")).rejects.toMatchObject({ retryable: true });
  }
  console.log(`300 failing calls reached the backend ${calls} times`);
  expect(calls).toBeLessThanOrEqual(335);
});

test("a read that breaks off goes on where it was, and never with the bytes of another file", async () => {
  const inner = memory();
  const bytes = Uint8Array.from({ length: 10_000 }, (_, index) => index % 251);
  await inner.write("a", bytes);
  const [plan, calls] = scripted("read", [
    { kind: "unavailable", at: 3_000 },
    broken,
    { kind: "timeout", at: 0 },
    { kind: "unavailable", at: 6_999 },
  ]);
  const stream = await retrying(faulty(inner, plan), atOnce).read("a");
  expect(Buffer.compare(await stream.bytes(), bytes)).toBe(0);
  expect(calls).toHaveLength(5);

  const [part] = scripted("read", [{ kind: "unavailable", at: 10 }]);
  const ranged = await retrying(faulty(inner, part), atOnce).read("a", { offset: 5, length: 100 });
  expect(Buffer.compare(await ranged.bytes(), bytes.subarray(5, 105))).toBe(0);

  const [replaced] = scripted("read", [{ kind: "unavailable", at: 3_000 }]);
  const torn = await retrying(faulty(inner, replaced), atOnce).read("a");
  await inner.write("a", new Uint8Array(10_000), { overwrite: true });
  await expect(torn.bytes()).rejects.toMatchObject({ name: "ModifiedDuringRead", path: "a" });
});

test("a listing that breaks off gives each entry once, and goes on to its end", async () => {
  const inner = memory();
  const names = ["a", "a-b", "a.c", "a/b", "b", "ﬀ", "🎈"];
  for (const name of names.filter((one) => one !== "a")) await inner.writeText(name, "");
  for (let at = 0; at <= 6; at += 1) {
    const [plan] = scripted("iterChildren", [{ kind: "unavailable", at }, { ...broken }]);
    const seen: string[] = [];
    const store = retrying(faulty(inner, plan), atOnce);
    for await (const { path } of store.iterChildren("")) seen.push(path);
    expect(seen).toEqual(["a-b", "a.c", "a", "b", "ﬀ", "🎈"]);
  }
});

test("reads here and there are tried again, each for itself", async () => {
  const inner = memory();
  await inner.writeText("a", "0123456789");
  const [plan, calls] = scripted("readSeekable", [broken, { ...broken, at: "after" }]);
  await using reader = await retrying(faulty(inner, plan), atOnce).readSeekable("a");
  expect(Buffer.from(await reader.read(3, 4)).toString()).toBe("3456");
  expect(reader.info.size).toBe(10);
  expect(calls).toHaveLength(4);
});

test("of many deletions only those are tried again that may yet succeed, each with its own outcome", async () => {
  const inner = memory();
  for (const name of ["a", "b", "c"]) await inner.writeText(name, "");
  const asked: string[][] = [];
  const partly = faulty(inner, () => undefined);
  const deleteMany = partly.deleteMany.bind(partly);
  partly.deleteMany = async (paths, options) => {
    asked.push([...paths]);
    const outcomes = await deleteMany(paths, options);
    return outcomes.map((outcome) => {
      const kind = { a: "forbidden", b: "unavailable" }[outcome.path];
      if (kind === undefined || (kind === "unavailable" && asked.length > 2)) return outcome;
      const error = new RemoteStoreError(kind, { retryable: kind === "unavailable" });
      return { path: outcome.path, deleted: false, error };
    });
  };
  const store = retrying(partly, atOnce);
  const outcomes = await store.deleteMany(["a", "b", "c"]);
  expect(outcomes.map(({ path, deleted }) => [path, deleted])).toEqual([
    ["a", false],
    ["b", true],
    ["c", true],
  ]);
  expect(asked).toEqual([["a", "b", "c"], ["b"], ["b"]]);
});

test("leaving a listing or a stream early lets go of it", async () => {
  const inner = memory();
  await inner.writeText("a", "x");
  await inner.writeText("b", "x");
  const store = retrying(inner, atOnce);
  for await (const { path } of store.listFiles("")) {
    expect(path).toBe("a");
    break;
  }
  const stream = await store.read("a");
  await stream.dispose();
  await stream.dispose();
  expect(() => stream[Symbol.asyncIterator]()).toThrow(TypeError);
});

test(`a run of random calls on a store that fails at random comes out as on one that does not (HOLDFAST_SEED=${seed})`, async () => {
  const dice = diceOf(seed);
  const inner = memory();
  const model = new Map<string, string>();
  const kinds = ["unavailable", "timeout", "throttled"] as const;
  const plan: FaultPlan = () => {
    const at = (["before", "after", 0, 1] as const)[dice(4)] ?? "before";
    return dice(3) === 0 ? { kind: kinds[dice(3)] ?? "timeout", at } : undefined;
  };
  const options = { ...atOnce, maxRetries: 50, budget: new Infinite() };
  const store = retrying(faulty(inner, plan), options);
  for (let step = 0; step < 2_000; step += 1) {
    const path = `${dice(5)}`;
    const text = `${step}`;
    switch (dice(4)) {
      case 0:
        await store.writeText(path, text, { overwrite: true });
        model.set(path, text);
        break;
      case 1:
        await store.delete(path, { missingOk: true });
        model.delete(path);
        break;
      case 2: {
        const seen: string[] = [];
        for await (const file of store.listFiles("")) seen.push(file.path);
        expect(seen).toEqual([...model.keys()].toSorted());
        break;
      }
      default: {
        const read = store
          .read(path)
          .then(async (stream) => Buffer.from(await stream.bytes()).toString());
        const found = await read.catch((error: unknown) => {
          expect(error).toMatchObject({ name: "NotFound" });
          return undefined;
        });
        expect(found).toBe(model.get(path));
      }
    }
  }
});

/** So that a run is as long as it is. */
class Infinite extends RetryBudget {
  override take(): boolean {
    return true;
  }
}
