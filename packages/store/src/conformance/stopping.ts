import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { Aborted } from "../errors/added-classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { calls } from "./calls.ts";
import type { Cell } from "./cell.ts";
import { filled, sizes } from "./content.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { seed, seedMany } from "./seed.ts";

const large = sizes.at(-1) ?? 0;

/** Leaves after the first. */
async function firstOf<T>(items: AsyncIterable<T>): Promise<T | undefined> {
  for await (const item of items) return item;
  return undefined;
}

/** What is left before its end, by the caller or by a signal. */
export const stopping: readonly Cell[] = [
  {
    id: "read.stopped",
    promise: "a stream may be left early, disposed of twice, and is read once",
    needs: ["read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { big: filled(large, 1) });
      for await (const piece of await store.read("big")) {
        assert.ok(piece.byteLength > 0);
        break;
      }
      const stream = await store.read("big");
      await stream.dispose();
      await stream.dispose();
      assert.throws(() => stream[Symbol.asyncIterator](), TypeError);
      const web = (await store.read("big")).web();
      await web.cancel();
      (await store.read("big")).node().destroy();
    },
  },
  {
    id: "stop.let-go",
    promise: "what is left early lets go of its backend, however often",
    needs: ["read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { big: filled(large, 1) });
      for (let count = 0; count < 60; count += 1) {
        const stream = await store.read("big");
        if (count % 3 === 0) await stream.dispose();
        else if (count % 3 === 1) await firstOf(stream);
        else await stream.web().cancel();
      }
      assert.deepEqual(await fixture.leftovers(), []);
      assert.equal((await store.readBytes("big", { length: 10 })).byteLength, 10);
    },
  },
  {
    id: "read.aborted",
    promise: "a signal ends a read before and while the bytes come; its reason is the cause",
    needs: ["read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { big: filled(large, 1) });
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      await expectFailure(store.read("big", { signal }), { is: Aborted, cause: reason });
      const ending = new AbortController();
      const stream = await store.read("big", { signal: ending.signal });
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      ending.abort(reason);
      const readOn = async (): Promise<void> => {
        while ((await iterator.next()).done !== true);
      };
      await expectFailure(readOn(), { is: Aborted, path: "big", cause: reason });
      assert.deepEqual(await fixture.leftovers(), []);
    },
  },
  {
    id: "stop.aborted-streams",
    promise: "a signal ends a read by a Node stream and by a web stream as well",
    needs: ["read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { big: filled(large, 1) });
      for (const kind of ["node", "web"] as const) {
        const ending = new AbortController();
        const reason = new Error("enough");
        const stream = await store.read("big", { signal: ending.signal });
        let bytes = 0;
        const readOn = async (): Promise<void> => {
          for await (const piece of stream[kind]()) {
            bytes += piece.length;
            ending.abort(reason);
          }
        };
        // What these streams had fetched ahead is given all the same, and may be all of it.
        const error: unknown = await readOn().catch((failed: unknown) => failed);
        if (error === undefined) assert.equal(bytes, large);
        else assert.ok(Aborted.is(error) && error.cause === reason && error.path === "big");
      }
      assert.deepEqual(await fixture.leftovers(), []);
    },
  },
  {
    id: "stop.under-way",
    promise: "a signal during any method ends it as Aborted with its reason, or comes too late",
    async run(fixture) {
      const { driver, store } = fixture;
      for (const { go, needs, operation } of calls) {
        if (needs !== undefined && !driver.capabilities.has(needs)) continue;
        await seed(fixture, { f: '"old"', other: "other" });
        for (const wait of [() => Promise.resolve(), () => new Promise(setImmediate)]) {
          const ending = new AbortController();
          const reason = new Error("enough");
          const called = go(store, "f", ending.signal);
          called.catch(() => {});
          await wait();
          ending.abort(reason);
          const error: unknown = await called.then(
            () => undefined,
            (failed: unknown) => failed,
          );
          if (Aborted.is(error)) {
            assert.deepEqual([error.cause, error.operation], [reason, operation]);
          } else assert.ok(error === undefined || RemoteStoreError.is(error), inspect(error));
        }
      }
      assert.deepEqual(await fixture.leftovers(), []);
    },
  },
  {
    id: "stop.listeners",
    promise: "no method leaves a listener on its signal",
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "old", other: "other" });
      const { signal } = new AbortController();
      for (const { go, said } of calls) {
        for (const path of ["f", "no"]) {
          await go(store, path, signal).catch(() => {});
          await new Promise(setImmediate);
          assert.equal(getEventListeners(signal, "abort").length, 0, said);
        }
      }
    },
  },
  {
    id: "stop.listing",
    promise: "a listing may be left before its first page, within one and between two",
    needs: ["list"],
    async run(fixture) {
      const paths = await seedMany(fixture, "p", 1203);
      const listing = fixture.store.listFiles("p");
      await listing.return(undefined);
      assert.equal((await listing.next()).done, true);
      for (const last of [1, 1000, 1001]) {
        const found: string[] = [];
        for await (const { path } of fixture.store.listFiles("p")) {
          if (found.push(path) === last) break;
        }
        assert.deepEqual(found, paths.slice(0, last));
      }
      assert.deepEqual(await fixture.leftovers(), []);
    },
  },
  {
    id: "stop.aborted-listing",
    promise: "a signal ends a listing of any kind while it is iterated over",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "a/1": "", "a/2/x": "", "a/3/x": "", "a/4": "" });
      const listings = [
        (signal: AbortSignal) => store.listFiles("a", { recursive: true, signal }),
        (signal: AbortSignal) => store.listFolders("a", { signal }),
        (signal: AbortSignal) => store.iterChildren("a", { signal }),
        (signal: AbortSignal) => store.glob("a/**", { signal }),
      ];
      for (const list of listings) {
        const ending = new AbortController();
        const reason = new Error("enough");
        const listed = async (): Promise<void> => {
          for await (const { path } of list(ending.signal)) {
            assert.notEqual(path, "");
            ending.abort(reason);
          }
        };
        await expectFailure(listed(), { is: Aborted, cause: reason });
        assert.equal((await all(list(new AbortController().signal))).length > 1, true);
      }
    },
  },
];
