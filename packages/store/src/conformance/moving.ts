import assert from "node:assert/strict";
import { AlreadyExists, InvalidPath, NotFound } from "../errors/classes.ts";
import type { Cell, Fixture } from "./cell.ts";
import { filled, sizes } from "./content.ts";
import { expectFailure } from "./expect-failure.ts";
import { expectOnly } from "./expect-only.ts";
import { seed } from "./seed.ts";

interface Way {
  readonly operation: "copy" | "move";
  readonly go: (from: string, to: string, overwrite?: boolean) => Promise<unknown>;
}

function ways({ store }: Fixture): readonly Way[] {
  return [
    {
      operation: "copy",
      go: (from, to, overwrite = false) => store.copy(from, to, { overwrite }),
    },
    {
      operation: "move",
      go: (from, to, overwrite = false) => store.move(from, to, { overwrite }),
    },
  ];
}

/** Copies and moves. */
export const moving: readonly Cell[] = [
  {
    id: "copy.file",
    promise: "a copy has the bytes of its source, and its result is its info",
    needs: ["copy", "read", "metadata"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { a: "bytes" });
      const copied = await store.copy("a", "deep/er/b");
      assert.deepEqual([copied.path, copied.size], ["deep/er/b", 5]);
      assert.equal((await store.getFileInfo("deep/er/b")).etag, copied.etag);
      assert.deepEqual(
        [await store.readText("a"), await store.readText("deep/er/b")],
        ["bytes", "bytes"],
      );
    },
  },
  {
    id: "move.file",
    promise: "a move leaves nothing where it came from, not the folder either",
    needs: ["move", "read", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "a/b/c": "bytes" });
      await store.move("a/b/c", "d/e");
      assert.equal(await store.readText("d/e"), "bytes");
      assert.equal(await store.exists("a"), false);
    },
  },
  {
    id: "move.exists",
    promise: "what is at the target stays unless it may be overwritten, and the source too",
    needs: ["copy", "move", "read", "list"],
    async run(fixture) {
      const { store } = fixture;
      for (const { operation, go } of ways(fixture)) {
        await seed(fixture, { from: operation, to: "old" });
        await expectFailure(go("from", "to"), { is: AlreadyExists, path: "to", operation });
        assert.deepEqual(
          [await store.readText("from"), await store.readText("to")],
          [operation, "old"],
        );
        await go("from", "to", true);
        assert.equal(await store.readText("to"), operation);
        assert.equal(await store.exists("from"), operation === "copy");
      }
    },
  },
  {
    id: "move.self",
    promise: "onto itself a file stays as it is; what is missing or a folder is still refused",
    needs: ["copy", "move", "read", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "d/f": "kept" });
      for (const { go } of ways(fixture)) {
        for (const overwrite of [false, true]) {
          await go("d/f", "/d/./f", overwrite);
          assert.equal(await store.readText("d/f"), "kept");
          await expectFailure(go("no", "no", overwrite), { is: NotFound, path: "no" });
          await expectFailure(go("d", "d", overwrite), { is: InvalidPath, path: "d" });
        }
      }
    },
  },
  {
    id: "move.source",
    promise: "a missing source and a folder outrank whatever is wrong with the target",
    needs: ["copy", "move", "read", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "d/f": "kept" });
      for (const { go } of ways(fixture)) {
        for (const to of ["new", "d", "d/f", "d/f/g"]) {
          await expectFailure(go("no", to), { is: NotFound, path: "no" });
          await expectFailure(go("d/f/x", to), { is: NotFound, path: "d/f/x" });
          if (to === "d") continue;
          await expectFailure(go("d", to), { is: InvalidPath, path: "d" });
        }
        await expectFailure(go("no", ""), { is: InvalidPath, path: "" });
        await expectFailure(go("", "no"), { is: InvalidPath, path: "" });
      }
      assert.equal(await store.readText("d/f"), "kept");
    },
  },
  {
    id: "move.target",
    promise: "in a tree, nothing is moved over a folder or under a file",
    namespace: "tree",
    needs: ["copy", "move", "read", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { from: "kept", "d/f": "kept" });
      for (const { go } of ways(fixture)) {
        for (const overwrite of [false, true]) {
          // A disk has an error of its own for a folder that the source itself is in.
          await expectFailure(go("d/f", "d", overwrite), { is: InvalidPath, path: "d" });
          for (const to of ["d", "d/f/g"]) {
            await expectFailure(go("from", to, overwrite), { is: InvalidPath, path: to });
          }
        }
      }
      assert.deepEqual(
        [await store.readText("from"), await store.readText("d/f")],
        ["kept", "kept"],
      );
    },
  },
  {
    id: "move.below-itself",
    promise: "in a tree, a file is not moved or copied below itself, and stays",
    namespace: "tree",
    needs: ["copy", "move", "read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "d/f": "kept" });
      for (const { go } of ways(fixture)) {
        for (const overwrite of [false, true]) {
          const expected = { is: InvalidPath, path: "d/f/g" };
          await expectFailure(go("d/f", "d/f/g", overwrite), expected);
        }
      }
      assert.equal(await store.readText("d/f"), "kept");
    },
  },
  {
    id: "move.large",
    promise: "a large file is copied and moved whole, over another one too",
    needs: ["copy", "move", "read", "list"],
    async run(fixture) {
      const { store } = fixture;
      const size = sizes.at(-1) ?? 0;
      await seed(fixture, { from: filled(size, 5), to: "old" });
      const copied = await store.copy("from", "to", { overwrite: true });
      assert.equal(copied.size, size);
      await store.move("to", "moved");
      const bytes = await store.readBytes("moved");
      assert.ok(bytes.byteLength === size && bytes.every((byte) => byte === 5));
      await expectOnly(fixture, ["from", "moved"]);
    },
  },
  {
    id: "move.race",
    promise:
      "of many that move or copy to one new path at once, one succeeds and no source is lost",
    needs: ["copy", "move", "read", "list", "atomic_create", "atomic_move_create"],
    async run(fixture) {
      const { store } = fixture;
      for (const { go, operation } of ways(fixture)) {
        const names = Array.from({ length: 8 }, (_, index) => `${operation}/${index}`);
        await seed(fixture, Object.fromEntries(names.map((name) => [name, name])));
        const to = `${operation}ed`;
        const outcomes = await Promise.allSettled(names.map((name) => go(name, to)));
        const winners = names.filter((_, index) => outcomes[index]?.status === "fulfilled");
        assert.equal(winners.length, 1);
        assert.equal(await store.readText(to), winners[0]);
        const losers = names.filter((name) => operation === "copy" || name !== winners[0]);
        for (const name of losers) assert.equal(await store.readText(name), name);
      }
    },
  },
];
