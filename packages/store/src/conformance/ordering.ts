import assert from "node:assert/strict";
import { Aborted, Closed } from "../errors/added-classes.ts";
import { AlreadyExists, CapabilityNotSupported, InvalidPath, NotFound } from "../errors/classes.ts";
import { Store } from "../store.ts";
import { calls } from "./calls.ts";
import type { Cell } from "./cell.ts";
import { expectFailure } from "./expect-failure.ts";
import { narrowed } from "./narrowed.ts";
import { seed } from "./seed.ts";

/** Of two things that are wrong at once, which one a method tells of: aborted, closed, malformed, root, capability, wrong type, missing, conflict, I/O. */
export const ordering: readonly Cell[] = [
  {
    id: "order.aborted",
    promise: "an aborted signal outranks a closed store and a malformed path, in every method",
    async run({ store }) {
      await store.close();
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      for (const { go } of calls) {
        await expectFailure(go(store, "..", signal), { is: Aborted, cause: reason });
      }
      await expectFailure(store.ping({ signal }), { is: Aborted, cause: reason });
    },
  },
  {
    id: "order.closed",
    promise: "a closed store outranks a malformed path and the root, in every method",
    async run({ store }) {
      await store.close();
      for (const { go, operation } of calls) {
        for (const path of ["..", "", "f"]) {
          await expectFailure(go(store, path), { is: Closed, operation });
        }
      }
    },
  },
  {
    id: "order.malformed",
    promise: "a malformed path outranks the root at the other end",
    async run({ store }) {
      const expected = { is: InvalidPath, path: ".." };
      await expectFailure(store.copy("", ".."), expected);
      await expectFailure(store.move("", ".."), expected);
      await expectFailure(store.copy("..", ""), expected);
      await expectFailure(store.move("..", ""), expected);
    },
  },
  {
    id: "order.root",
    promise: "a malformed path and the root outrank what the backend cannot do",
    async run({ driver }) {
      const { driver: able, asked } = narrowed(driver, new Set());
      const store = Store.over(able);
      for (const { at, go } of calls) {
        await expectFailure(go(store, ".."), { is: InvalidPath, path: ".." });
        if (at === "file") await expectFailure(go(store, ""), { is: InvalidPath, path: "" });
      }
      assert.equal(asked(), 0);
    },
  },
  {
    id: "order.capability",
    promise:
      "ERR-006: what the backend cannot do outranks what is or is not there, and it is asked nothing",
    async run(fixture) {
      await seed(fixture, { f: "old", "d/f": "old", other: "old" });
      const { driver, asked } = narrowed(fixture.driver, new Set());
      const store = Store.over(driver);
      for (const { go, needs, operation } of calls) {
        if (needs === undefined) continue;
        for (const path of ["no", "f", "d", "f/g"]) {
          const error = await expectFailure(go(store, path), {
            is: CapabilityNotSupported,
            operation,
          });
          assert.ok(CapabilityNotSupported.is(error));
          assert.equal(error.capability, needs);
        }
      }
      assert.equal(asked(), 0);
    },
  },
  {
    id: "order.lacking",
    promise: "ERR-006: what a driver does not declare, its store refuses by the name of it",
    async run({ driver, store }) {
      for (const { go, needs, operation } of calls) {
        if (needs === undefined || driver.capabilities.has(needs)) continue;
        const error = await expectFailure(go(store, "f"), {
          is: CapabilityNotSupported,
          operation,
        });
        assert.ok(CapabilityNotSupported.is(error));
        assert.equal(error.capability, needs);
        assert.equal(store.supports(needs), false);
      }
    },
  },
  {
    id: "order.type",
    promise: "in a tree, a folder at the target outranks that something is there",
    namespace: "tree",
    needs: ["write", "copy"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "old", "d/f": "old" });
      const expected = { is: InvalidPath, path: "d" };
      await expectFailure(store.writeText("d", ""), expected);
      await expectFailure(store.copy("f", "d"), expected);
    },
  },
  {
    id: "order.missing",
    promise: "a missing source outranks that something is at the target",
    needs: ["copy", "move"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "old" });
      await expectFailure(store.copy("no", "f"), { is: NotFound, path: "no" });
      await expectFailure(store.move("no", "f"), { is: NotFound, path: "no" });
    },
  },
  {
    id: "order.conflict",
    promise: "that something is there is told before and after the source has given its bytes",
    needs: ["write"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "old" });
      await expectFailure(store.write("f", Buffer.from("new")), { is: AlreadyExists, path: "f" });
      await expectFailure(store.write("f", new Blob(["new"])), { is: AlreadyExists, path: "f" });
    },
  },
  {
    id: "order.io",
    promise: "a backend that refuses everything is not asked about what is wrong without it",
    hands: ["denyAll"],
    async run({ denyAll, store }) {
      await denyAll?.();
      for (const { at, go } of calls) {
        await expectFailure(go(store, ".."), { is: InvalidPath, path: ".." });
        if (at === "file") await expectFailure(go(store, ""), { is: InvalidPath, path: "" });
        await expectFailure(go(store, "f", AbortSignal.abort()), { is: Aborted });
      }
      assert.deepEqual([await store.exists(""), await store.isFolder("")], [true, true]);
    },
  },
];
