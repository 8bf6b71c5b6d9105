import assert from "node:assert/strict";
import { PreconditionFailed } from "../errors/added-classes.ts";
import { AlreadyExists, CapabilityNotSupported, NotFound } from "../errors/classes.ts";
import type { Cell } from "./cell.ts";
import { expectFailure } from "./expect-failure.ts";
import { seed } from "./seed.ts";

/** What happens only if a file is still the one that was named. */
export const conditional: readonly Cell[] = [
  {
    id: "condition.write",
    promise: "a write with ifMatch replaces that file, no other, and makes none",
    needs: ["write", "read", "conditional_write"],
    async run({ store }) {
      const { etag } = await store.writeText("f", "one", { overwrite: true });
      await store.writeText("f", "two", { ifMatch: etag });
      const late = store.writeText("f", "three", { ifMatch: etag });
      await expectFailure(late, { is: PreconditionFailed, path: "f" });
      assert.equal(await store.readText("f"), "two");
      await assert.rejects(store.writeText("no", "three", { ifMatch: etag }));
      assert.equal(await store.exists("no"), false);
    },
  },
  {
    id: "condition.delete",
    promise: "a deletion with ifMatch deletes that file and no other",
    needs: ["write", "delete", "conditional_delete"],
    async run({ store }) {
      const { etag } = await store.writeText("f", "one", { overwrite: true });
      const other = await store.writeText("f", "two", { overwrite: true });
      for (const missingOk of [false, true]) {
        const deleted = store.delete("f", { ifMatch: etag, missingOk });
        await expectFailure(deleted, { is: PreconditionFailed, path: "f" });
      }
      assert.equal(await store.isFile("f"), true);
      await store.delete("f", { ifMatch: other.etag });
      assert.equal(await store.exists("f"), false);
    },
  },
  {
    id: "condition.copy",
    promise: "a copy and a move with ifMatch are of that source and of no other",
    needs: ["write", "read", "copy", "move", "conditional_copy"],
    async run({ store }) {
      const { etag } = await store.writeText("f", "one", { overwrite: true });
      const other = await store.writeText("f", "two", { overwrite: true });
      const expected = { is: PreconditionFailed };
      await expectFailure(store.copy("f", "g", { ifMatch: etag }), expected);
      await expectFailure(store.move("f", "g", { ifMatch: etag }), expected);
      assert.deepEqual([await store.readText("f"), await store.exists("g")], ["two", false]);
      await store.copy("f", "g", { ifMatch: other.etag });
      await store.move("f", "h", { ifMatch: other.etag });
      assert.deepEqual([await store.readText("g"), await store.readText("h")], ["two", "two"]);
    },
  },
  {
    id: "condition.missing",
    promise: "whatever is to be replaced or deleted under a condition has to be there",
    needs: ["delete", "conditional_delete"],
    async run({ store }) {
      await expectFailure(store.delete("no", { ifMatch: '"etag"' }), { is: NotFound, path: "no" });
    },
  },
  {
    id: "condition.lacking",
    promise: "ERR-006: a condition that the backend cannot keep is refused, and nothing is done",
    needs: ["write", "delete", "copy", "move", "read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "old" });
      const ifMatch = '"another"';
      const conditions = [
        ["conditional_write", () => store.writeText("f", "new", { ifMatch })],
        ["conditional_delete", () => store.delete("f", { ifMatch })],
        ["conditional_copy", () => store.copy("f", "g", { ifMatch })],
        ["conditional_copy", () => store.move("f", "g", { ifMatch })],
      ] as const;
      for (const [capability, call] of conditions) {
        const can = store.supports(capability);
        const error = await expectFailure(call(), {
          is: can ? PreconditionFailed : CapabilityNotSupported,
        });
        if (CapabilityNotSupported.is(error)) assert.equal(error.capability, capability);
      }
      assert.deepEqual([await store.readText("f"), await store.exists("g")], ["old", false]);
    },
  },
  {
    id: "condition.atomic",
    promise:
      "what is required to be one step is one, or CapabilityNotSupported and nothing is done",
    needs: ["write", "copy", "move", "read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "old", g: "old" });
      const atomic = "require";
      const steps = [
        [["atomic_write", "atomic_create"], () => store.writeText("f", "new", { atomic })],
        [["atomic_write", "atomic_create"], () => store.copy("g", "f", { atomic })],
        [["atomic_move", "atomic_move_create"], () => store.move("g", "f", { atomic })],
      ] as const;
      for (const [capabilities, step] of steps) {
        const can = capabilities.every((capability) => store.supports(capability));
        await expectFailure(step(), { is: can ? AlreadyExists : CapabilityNotSupported });
      }
      assert.deepEqual([await store.readText("f"), await store.readText("g")], ["old", "old"]);
    },
  },
];
