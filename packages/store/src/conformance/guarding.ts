import assert from "node:assert/strict";
import { Aborted } from "../errors/added-classes.ts";
import { InvalidPath } from "../errors/classes.ts";
import type { Store } from "../store.ts";
import type { Cell } from "./cell.ts";
import { all, expectFailure } from "./expect-failure.ts";

type Call = (store: Store, path: string, signal?: AbortSignal) => Promise<unknown>;

/** Every method that needs a file, and whether the path is where it writes. */
const fileCalls: readonly Call[] = [
  (store, path, signal) => store.read(path, { signal }),
  (store, path, signal) => store.readBytes(path, { signal }),
  (store, path, signal) => store.readText(path, { signal }),
  (store, path, signal) => store.readJson(path, { signal }),
  (store, path, signal) => store.write(path, new Uint8Array(), { overwrite: true, signal }),
  (store, path, signal) => store.writeText(path, "", { overwrite: true, signal }),
  (store, path, signal) => store.writeAtomic(path, new Uint8Array(), { overwrite: true, signal }),
  (store, path, signal) => store.openAtomic(path, { overwrite: true, signal }),
  (store, path, signal) => store.delete(path, { missingOk: true, signal }),
  (store, path, signal) => store.getFileInfo(path, { signal }),
  (store, path, signal) => store.copy(path, "x", { signal }),
  (store, path, signal) => store.copy("x", path, { signal }),
  (store, path, signal) => store.move(path, "x", { signal }),
  (store, path, signal) => store.move("x", path, { signal }),
];

const folderCalls: readonly Call[] = [
  (store, path, signal) => store.exists(path, { signal }),
  (store, path, signal) => store.isFile(path, { signal }),
  (store, path, signal) => store.isFolder(path, { signal }),
  (store, path, signal) => store.getFolderInfo(path, { signal }),
  (store, path, signal) => store.deleteFolder(path, { recursive: true, signal }),
  (store, path, signal) => all(store.listFiles(path, { signal })),
  (store, path, signal) => all(store.listFolders(path, { signal })),
  (store, path, signal) => all(store.iterChildren(path, { signal })),
];

const malformed: readonly string[] = [
  "..",
  "a/..",
  "a/../b",
  "a\\..\\b",
  "..\\a",
  "a\0b",
  "\uD800",
];

/** Guards, which are the same before every method. */
export const guarding: readonly Cell[] = [
  {
    id: "guard.malformed",
    promise:
      "ERR-005: a path with `..`, a NUL or no UTF-8 is InvalidPath to every method, as it was given",
    async run({ store }) {
      for (const call of [...fileCalls, ...folderCalls]) {
        for (const path of malformed) {
          await expectFailure(call(store, path), { is: InvalidPath, path });
        }
      }
      for (const path of malformed) assert.throws(() => store.child(path), InvalidPath);
    },
  },
  {
    id: "guard.root",
    promise: "ERR-005: the root, however it is spelled, is no file and is not deleted",
    async run({ store }) {
      await store.writeText("d/f", "kept");
      for (const root of ["", ".", "./", ".//", "./.", "/", "//"]) {
        for (const call of fileCalls) {
          await expectFailure(call(store, root), { is: InvalidPath, path: "" });
        }
        const recursive = true;
        await expectFailure(store.deleteFolder(root, { recursive }), { is: InvalidPath });
      }
      assert.equal(await store.readText("d/f"), "kept");
    },
  },
  {
    id: "guard.aborted",
    promise: "a signal that is aborted already outranks everything, and nothing is done",
    async run({ store }) {
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      for (const call of [...fileCalls, ...folderCalls]) {
        await expectFailure(call(store, "..", signal), { is: Aborted, cause: reason });
      }
      await expectFailure(store.ping({ signal }), { is: Aborted, cause: reason });
      assert.deepEqual(await all(store.listFiles("", { recursive: true })), []);
    },
  },
  {
    id: "guard.child",
    promise: "a child is a store of its own, whose paths are its own and lead nowhere else",
    async run({ store }) {
      const child = store.child("a/b").child("c");
      await child.writeText("f", "1");
      await store.writeText("a/b/cd", "other");
      assert.equal(await store.readText("a/b/c/f"), "1");
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
    id: "guard.ping",
    promise: "a backend that is there answers a ping",
    async run({ store }) {
      await store.ping();
    },
  },
];
