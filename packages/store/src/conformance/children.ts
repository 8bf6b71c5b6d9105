import assert from "node:assert/strict";
import { InvalidPath } from "../errors/classes.ts";
import { changingCalls, readingCalls, type Call } from "./calls.ts";
import type { Cell, Fixture } from "./cell.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { inFixture } from "./in-fixture.ts";
import { outcomeOf } from "./outcomes.ts";
import { seed } from "./seed.ts";
import { seedSituation, situations, type Situation } from "./situations.ts";

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
      for (const situation of plain) {
        for (const some of [readingCalls, ...changingCalls.map((call) => [call])]) {
          await inFixture(subject, (fixture) => sameInChild(fixture, situation, some));
        }
      }
    },
  },
];

/** The child's turn comes first: what it must not find is not there yet. */
async function sameInChild(
  fixture: Fixture,
  situation: Situation,
  some: readonly Call[],
): Promise<void> {
  const { store } = fixture;
  const child = store.child("sub");
  const outcomes = new Map<Call, string>();
  await seed(fixture, { "sub/f": '"old"', "sub/d/f": '"old"', "sub/other": '"other"' });
  for (const call of some) outcomes.set(call, await outcomeOf(call, child, situation));
  await seedSituation(fixture);
  for (const call of some) {
    const own = await outcomeOf(call, store, situation);
    assert.equal(outcomes.get(call), own, `${call.said}, ${situation.said}`);
  }
}
