import assert from "node:assert/strict";
import { Aborted, Closed } from "../errors/added-classes.ts";
import { InvalidPath, PermissionDenied } from "../errors/classes.ts";
import type { Cell } from "./cell.ts";
import { expectFailure } from "./expect-failure.ts";
import { expectOnly } from "./expect-only.ts";
import { seed, seedMany } from "./seed.ts";

/** Deletions of many files. */
export const bulk: readonly Cell[] = [
  {
    id: "bulk.outcomes",
    promise:
      "of many paths each has its outcome, in their order, and those that cannot be do not keep the others",
    needs: ["delete", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { a: "", "d/b": "", "d/c": "", kept: "" });
      const paths = ["a", "no/such", "..", "", "d//b", "d/c", "a"];
      const outcomes = await store.deleteMany(paths);
      assert.deepEqual(
        outcomes.map(({ path, deleted }) => [path, deleted]),
        [
          ["a", true],
          ["no/such", true],
          ["..", false],
          ["", false],
          ["d/b", true],
          ["d/c", true],
          ["a", true],
        ],
      );
      for (const outcome of outcomes) {
        if (!outcome.deleted) assert.ok(InvalidPath.is(outcome.error));
      }
      await expectOnly(fixture, ["kept"]);
    },
  },
  {
    id: "bulk.folder",
    promise: "in a tree, a folder among many files is InvalidPath, and what is in it stays",
    namespace: "tree",
    needs: ["delete", "list"],
    async run(fixture) {
      await seed(fixture, { f: "", "d/f": "" });
      const [file, folder] = await fixture.store.deleteMany(["f", "d"]);
      assert.equal(file?.deleted, true);
      assert.ok(folder?.deleted === false && InvalidPath.is(folder.error));
      await expectOnly(fixture, ["d/f"]);
    },
  },
  {
    id: "bulk.many",
    promise: "more files than a request has room for are all deleted",
    needs: ["delete", "list"],
    async run(fixture) {
      const paths = await seedMany(fixture, "p", 1105);
      const outcomes = await fixture.store.deleteMany(paths);
      assert.ok(outcomes.every(({ deleted }) => deleted));
      await expectOnly(fixture, []);
    },
  },
  {
    id: "bulk.refused",
    promise:
      "a bulk deletion that succeeds and leaves files says of each that it is there, and why",
    needs: ["delete"],
    protocols: ["deleteMany"],
    hands: ["refused-keys"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { a: "", "d/b": "" });
      await fixture.faultNext?.("refused-keys");
      for (const outcome of await store.deleteMany(["a", "d/b"])) {
        assert.ok(!outcome.deleted && PermissionDenied.is(outcome.error));
        assert.equal(outcome.error.path, outcome.path);
        assert.equal(await store.isFile(outcome.path), true);
      }
    },
  },
  {
    id: "bulk.denied",
    promise: "refused all of it, no path is said to be deleted",
    needs: ["delete"],
    hands: ["denyAll"],
    async run(fixture) {
      await seed(fixture, { a: "", b: "" });
      await fixture.denyAll?.();
      const outcomes = await fixture.store.deleteMany(["a", "b"]);
      for (const outcome of outcomes) {
        assert.ok(!outcome.deleted && PermissionDenied.is(outcome.error));
      }
    },
  },
  {
    id: "bulk.guards",
    promise: "an aborted signal and a closed store keep all of it from being tried",
    needs: ["delete", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { a: "" });
      const signal = AbortSignal.abort(new Error("enough"));
      const expected = { is: Aborted, operation: "deleteMany", cause: signal.reason };
      await expectFailure(store.deleteMany(["a"], { signal }), expected);
      await expectOnly(fixture, ["a"]);
      await store.close();
      await expectFailure(store.deleteMany(["a"]), { is: Closed, operation: "deleteMany" });
    },
  },
];
