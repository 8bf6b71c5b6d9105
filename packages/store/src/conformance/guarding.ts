import assert from "node:assert/strict";
import { Aborted } from "../errors/added-classes.ts";
import { InvalidPath } from "../errors/classes.ts";
import { calls } from "./calls.ts";
import type { Cell } from "./cell.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { seed } from "./seed.ts";

const malformed: readonly string[] = [
  "..",
  "a/..",
  "a/../b",
  "a\\..\\b",
  "..\\a",
  "a\0b",
  "\uD800",
];

const roots: readonly string[] = ["", ".", "./", ".//", "./.", "/", "//"];

/** Guards, which are the same before every method. */
export const guarding: readonly Cell[] = [
  {
    id: "guard.malformed",
    promise:
      "ERR-005: a path with `..`, a NUL or no UTF-8 is InvalidPath to every method, as it was given",
    async run({ store }) {
      for (const { go, operation } of calls) {
        for (const path of malformed) {
          await expectFailure(go(store, path), { is: InvalidPath, path, operation });
        }
      }
      for (const path of malformed) {
        assert.throws(() => store.child(path), InvalidPath);
        assert.throws(() => store.resolve(path), InvalidPath);
      }
    },
  },
  {
    id: "guard.malformed-end",
    promise: "of two paths each is looked at: a malformed target is InvalidPath and named",
    async run({ store }) {
      for (const path of malformed) {
        const expected = { is: InvalidPath, path };
        await expectFailure(store.copy("no", path), expected);
        await expectFailure(store.move("no", path), expected);
      }
    },
  },
  {
    id: "guard.root",
    promise: "ERR-005: the root, however it is spelled, is no file and is not deleted",
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "d/f": "kept", other: "kept" });
      for (const root of roots) {
        for (const { at, go } of calls) {
          if (at === "file") {
            await expectFailure(go(store, root), { is: InvalidPath, path: "" });
          }
        }
      }
      assert.equal(await store.isFile("d/f"), true);
      assert.equal(await store.isFile("other"), true);
    },
  },
  {
    id: "guard.root-deletion",
    promise: "the root is not deleted as a folder, whatever is forgiven",
    needs: ["delete"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "d/f": "kept" });
      for (const root of roots) {
        for (const missingOk of [false, true]) {
          const deleted = store.deleteFolder(root, { recursive: true, missingOk });
          await expectFailure(deleted, { is: InvalidPath, path: "" });
        }
      }
      assert.equal(await store.isFile("d/f"), true);
    },
  },
  {
    id: "guard.aborted",
    promise: "a signal that is aborted already ends every method, and nothing is done",
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "kept", other: "kept" });
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      for (const { go, operation } of calls) {
        const expected = { is: Aborted, cause: reason, operation };
        await expectFailure(go(store, "f", signal), expected);
      }
      await expectFailure(store.ping({ signal }), { is: Aborted, cause: reason });
      await expectFailure(all(store.glob("*", { signal })), { is: Aborted, cause: reason });
      assert.equal(await store.isFile("f"), true);
      assert.equal(await store.isFile("new"), false);
    },
  },
];
