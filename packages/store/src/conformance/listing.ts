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
  {
    id: "list.children",
    promise: "the children of a folder are its files, its folders or both, and each once",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "files/1": "", "files/2": "", "folders/1/x": "", "folders/2/x": "" });
      assert.deepEqual(await paths(store.iterChildren("files")), ["files/1", "files/2"]);
      assert.deepEqual(await paths(store.iterChildren("folders")), ["folders/1", "folders/2"]);
      assert.deepEqual(await paths(store.iterChildren("")), ["files", "folders"]);
      assert.deepEqual(await paths(store.listFiles("folders")), []);
      assert.deepEqual(await paths(store.listFolders("files")), []);
    },
  },
  {
    id: "list.round-trip",
    promise: "every path that a listing gives leads to what it says is there",
    needs: ["list", "metadata"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, treeFiles);
      for await (const entry of store.iterChildren("d")) {
        assert.equal(await store.isFile(entry.path), entry.kind === "file");
        assert.equal(await store.isFolder(entry.path), entry.kind === "folder");
      }
      for await (const file of store.listFiles("", { recursive: true })) {
        const info = await store.getFileInfo(file.path);
        assert.deepEqual([info.path, info.size, info.name], [file.path, file.size, file.name]);
        if (file.etag !== undefined) assert.equal(info.etag, file.etag);
      }
    },
  },
  {
    id: "list.stable",
    promise: "a listing has one order, that of the bytes, whichever way it is asked for",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      const names = ["a", "B", "a.b", "a-b", "a b", "aé", "a\uFFFF", "a🗝", "0", "~"];
      await seed(fixture, Object.fromEntries(names.map((name) => [`o/${name}`, ""])));
      const sorted = names
        .map((name) => `o/${name}`)
        .toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)));
      assert.deepEqual(await paths(store.listFiles("o")), sorted);
      assert.deepEqual(await paths(store.listFiles("", { recursive: true })), sorted);
      assert.deepEqual(await paths(store.iterChildren("o")), sorted);
      assert.deepEqual(await paths(store.glob("o/*")), sorted);
    },
  },
  {
    id: "list.bounds",
    promise: "a pattern and a depth bound a listing together, and no depth is all of it",
    needs: ["list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, treeFiles);
      const csv = { recursive: true, pattern: "*.csv" };
      const listed = (maxDepth: number): Promise<string[]> =>
        paths(store.listFiles("", { ...csv, maxDepth }));
      assert.deepEqual(await listed(0), ["a.csv"]);
      assert.deepEqual(await listed(1), ["a.csv", "d/a.csv"]);
      assert.deepEqual(await listed(2), ["a.csv", "d/a.csv"]);
      assert.deepEqual(await listed(3), ["a.csv", "d/a.csv", "d/e/f/g.csv"]);
      assert.deepEqual(await listed(Infinity), await paths(store.listFiles("", csv)));
      assert.deepEqual(await paths(store.listFiles("", { pattern: "no*" })), []);
    },
  },
];
