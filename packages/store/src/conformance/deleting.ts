import assert from "node:assert/strict";
import { DirectoryNotEmpty, InvalidPath, NotFound } from "../errors/classes.ts";
import type { Cell } from "./cell.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { seed, seedMany } from "./seed.ts";

/** Deletions of files and folders. */
export const deleting: readonly Cell[] = [
  {
    id: "delete.file",
    promise: "a file is deleted, and with the last one its folder is gone",
    needs: ["delete", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "a/b/one": "", "a/b/two": "" });
      await store.delete("a/b/one");
      assert.deepEqual([await store.exists("a/b/one"), await store.isFolder("a/b")], [false, true]);
      await store.delete("a/b/two");
      assert.deepEqual([await store.isFolder("a/b"), await store.isFolder("a")], [false, false]);
    },
  },
  {
    id: "delete.missing",
    promise: "deleting what is missing is NotFound, and with missingOk nothing at all",
    needs: ["delete", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "" });
      for (const path of ["no", "no/such", "f/g"]) {
        await expectFailure(store.delete(path), { is: NotFound, path });
        await store.delete(path, { missingOk: true });
        await expectFailure(store.deleteFolder(path), { is: NotFound, path });
        await store.deleteFolder(path, { missingOk: true });
      }
    },
  },
  {
    id: "delete.wrong-type",
    promise: "a folder is not deleted as a file nor a file as a folder, whatever is forgiven",
    needs: ["delete", "list", "read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "d/f": "kept" });
      for (const missingOk of [false, true]) {
        await expectFailure(store.delete("d", { missingOk }), { is: InvalidPath, path: "d" });
        const recursive = true;
        const asFolder = store.deleteFolder("d/f", { missingOk, recursive });
        await expectFailure(asFolder, { is: InvalidPath, path: "d/f" });
      }
      assert.equal(await store.readText("d/f"), "kept");
    },
  },
  {
    id: "delete.not-empty",
    promise: "ERR-010: a folder with anything in it is DirectoryNotEmpty unless all of it is to go",
    needs: ["delete", "list", "read"],
    async run(fixture) {
      const { store } = fixture;
      const files = ["d/a", "d/e/b", "d-c", "d.d", "dd"];
      await seed(fixture, Object.fromEntries(files.map((path) => [path, path])));
      await expectFailure(store.deleteFolder("d"), { is: DirectoryNotEmpty, path: "d" });
      assert.equal(await store.readText("d/e/b"), "d/e/b");
      await store.deleteFolder("d", { recursive: true });
      const left = await all(store.listFiles("", { recursive: true }));
      assert.deepEqual(
        left.map(({ path }) => path),
        ["d-c", "d.d", "dd"],
      );
    },
  },
  {
    id: "delete.many",
    promise: "a folder of more files than a page has is deleted whole",
    needs: ["delete", "list"],
    async run(fixture) {
      const { store } = fixture;
      const paths = await seedMany(fixture, "many", 1105);
      assert.equal((await store.getFolderInfo("many")).fileCount, paths.length);
      await store.deleteFolder("many", { recursive: true });
      assert.equal(await store.exists("many"), false);
    },
  },
];
