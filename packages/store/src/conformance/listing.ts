import assert from "node:assert/strict";
import { Aborted } from "../errors/added-classes.ts";
import { InvalidPath } from "../errors/classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { Cell } from "./cell.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { seed, seedMany } from "./seed.ts";

async function paths(items: AsyncIterable<{ readonly path: string }>): Promise<string[]> {
  return (await all(items)).map(({ path }) => path);
}

const tree: readonly string[] = ["a.csv", "b.txt", "d/a.csv", "d/e/f/g.csv", "d/e/h.txt", "z/i"];

const treeFiles = Object.fromEntries(tree.map((path) => [path, path]));

/** Listings. */
export const listing: readonly Cell[] = [
  {
    id: "list.files",
    promise: "files are listed in the order of their bytes, of one folder or of all below",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, treeFiles);
      assert.deepEqual(await paths(store.listFiles("")), ["a.csv", "b.txt"]);
      assert.deepEqual(await paths(store.listFiles("", { recursive: true })), tree);
      const below = await paths(store.listFiles("d", { recursive: true }));
      assert.deepEqual(below, ["d/a.csv", "d/e/f/g.csv", "d/e/h.txt"]);
    },
  },
  {
    id: "list.depth",
    promise: "a listing goes as deep as it is told and no deeper",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, treeFiles);
      const depth = (maxDepth: number): Promise<string[]> =>
        paths(store.listFiles("d", { recursive: true, maxDepth }));
      assert.deepEqual(await depth(0), ["d/a.csv"]);
      assert.deepEqual(await depth(1), ["d/a.csv", "d/e/h.txt"]);
      assert.deepEqual(await depth(2), ["d/a.csv", "d/e/f/g.csv", "d/e/h.txt"]);
      await expectFailure(all(store.listFiles("d", { maxDepth: -1 })), { is: RemoteStoreError });
    },
  },
  {
    id: "list.folders",
    promise: "folders are listed, alone or among the files",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, treeFiles);
      assert.deepEqual(await all(store.listFolders("")), [
        { kind: "folder", path: "d", name: "d" },
        { kind: "folder", path: "z", name: "z" },
      ]);
      assert.deepEqual(await paths(store.listFolders("", { pattern: "[!d]" })), ["z"]);
      assert.deepEqual(await paths(store.iterChildren("d")), ["d/a.csv", "d/e"]);
    },
  },
  {
    id: "list.patterns",
    promise: "patterns match names, globs match paths",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, treeFiles);
      const csv = await paths(store.listFiles("", { recursive: true, pattern: "*.csv" }));
      assert.deepEqual(csv, ["a.csv", "d/a.csv", "d/e/f/g.csv"]);
      assert.deepEqual(await paths(store.glob("**/*.csv")), csv);
      assert.deepEqual(await paths(store.glob("d/**/*.csv")), ["d/a.csv", "d/e/f/g.csv"]);
      assert.deepEqual(await paths(store.glob("d/*/?.txt")), ["d/e/h.txt"]);
      assert.deepEqual(await paths(store.glob("d/a.csv")), ["d/a.csv"]);
      assert.deepEqual(await paths(store.glob("*")), ["a.csv", "b.txt"]);
      assert.deepEqual(await paths(store.glob("no/*")), []);
    },
  },
  {
    id: "list.nothing",
    promise: "what is missing, a file, or what is under one has nothing in it",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "" });
      for (const path of ["no/such", "f", "f/g"]) {
        assert.deepEqual(await paths(store.listFiles(path, { recursive: true })), []);
        assert.deepEqual(await paths(store.iterChildren(path)), []);
      }
      await expectFailure(all(store.listFiles("..")), { is: InvalidPath, path: ".." });
    },
  },
  {
    id: "list.info",
    promise: "a folder's info counts all that is below it; the root has one when it is empty",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      const empty = await store.getFolderInfo("");
      assert.deepEqual([empty.fileCount, empty.totalSize], [0, 0]);
      await seed(fixture, treeFiles);
      const { path, fileCount, totalSize } = await store.getFolderInfo("d");
      assert.deepEqual([path, fileCount, totalSize], ["d", 3, 27]);
    },
  },
  {
    id: "list.pages",
    promise: "a listing of more than a page is whole, may be left early, and ends with its signal",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      const names = await seedMany(fixture, "p", 1203);
      assert.deepEqual(await paths(store.listFiles("p")), names);
      for await (const { path } of store.listFiles("p")) {
        assert.equal(path, names[0]);
        break;
      }
      const ending = new AbortController();
      const partly = async (): Promise<void> => {
        for await (const { path } of store.listFiles("p", { signal: ending.signal })) {
          if (path === names[10]) ending.abort();
        }
      };
      await expectFailure(partly(), { is: Aborted });
    },
  },
];
