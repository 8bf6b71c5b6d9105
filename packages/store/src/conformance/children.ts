import assert from "node:assert/strict";
import { InvalidPath } from "../errors/classes.ts";
import { calls } from "./calls.ts";
import type { Cell } from "./cell.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { inFixture } from "./in-fixture.ts";
import { outcomeOf } from "./outcomes.ts";
import { seed } from "./seed.ts";
import { seedSituation, situations } from "./situations.ts";

/** Stores within a store. */
export const children: readonly Cell[] = [
  {
    id: "guard.child",
    promise: "a child is a store of its own, whose paths are its own and lead nowhere else",
    needs: ["read", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "a/b/c/f": "1", "a/b/cd": "other" });
      const child = store.child("a/b").child("c");
      assert.equal(await child.readText("f"), "1");
      const listed = await all(child.listFiles("", { recursive: true }));
      assert.deepEqual(
        listed.map(({ path }) => path),
        ["f"],
      );
      assert.equal(child.toKey(child.resolve("f").key), "f");
      assert.equal(child.toKey(child.resolve("").key), "");
      assert.throws(() => child.toKey(store.resolve("a/b/cd").key), InvalidPath);
      await expectFailure(child.read("../cd"), { is: InvalidPath, path: "../cd" });
      assert.equal(await store.child("nowhere").isFolder(""), true);
    },
  },
  {
    id: "child.writes",
    promise: "what a child writes is its store's, below the child's root, and by its own paths",
    needs: ["write", "read", "list", "delete"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "outside", "sub/g": "inside" });
      const child = store.child("sub");
      const { path } = await child.writeText("d/f", "inside", { overwrite: true });
      assert.equal(path, "d/f");
      assert.equal(await store.readText("sub/d/f"), "inside");
      await child.deleteFolder("d", { recursive: true });
      await child.delete("g");
      assert.equal((await child.getFolderInfo("")).fileCount, 0);
      assert.equal(await store.readText("f"), "outside");
    },
  },
  {
    id: "child.same",
    promise: "every method comes to the same in a child as in the store itself",
    async run(_fixture, subject) {
      const plain = situations.filter(({ hand, arrange }) => hand === undefined && !arrange);
      for (const call of calls) {
        for (const situation of plain) {
          const [own, childs] = await Promise.all([
            inFixture(subject, async (fixture) => {
              await seedSituation(fixture);
              return outcomeOf(call, fixture.store, situation);
            }),
            inFixture(subject, async (fixture) => {
              const files = { "sub/f": '"old"', "sub/d/f": '"old"', "sub/other": '"other"' };
              await seed(fixture, files);
              return outcomeOf(call, fixture.store.child("sub"), situation);
            }),
          ]);
          assert.equal(childs, own, `${call.said}, ${situation.said}`);
        }
      }
    },
  },
];
