import assert from "node:assert/strict";
import { PreconditionFailed } from "../errors/added-classes.ts";
import { InvalidPath, NotFound } from "../errors/classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { Cell } from "./cell.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { seed } from "./seed.ts";

/** Reads and infos. */
export const reading: readonly Cell[] = [
  {
    id: "read.bytes",
    promise: "what was written is read, as bytes, text, JSON and a stream",
    needs: ["read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "a/b.json": '{"ü":1}' });
      assert.equal(await store.readText("a/b.json"), '{"ü":1}');
      assert.deepEqual(await store.readJson("a/b.json"), { ü: 1 });
      assert.deepEqual(Buffer.from(await store.readBytes("a/b.json")), Buffer.from('{"ü":1}'));
      const stream = await store.read("a/b.json");
      assert.equal(Buffer.concat(await all(stream)).toString(), '{"ü":1}');
      assert.equal(stream.info.size, 8);
    },
  },
  {
    id: "read.empty",
    promise: "an empty file is read as no bytes",
    needs: ["read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { empty: "" });
      assert.equal((await store.readBytes("empty")).byteLength, 0);
      assert.deepEqual(await all(await store.read("empty")), []);
    },
  },
  {
    id: "read.range",
    promise: "a range is read as asked, and past the end there is nothing",
    needs: ["read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "0123456789" });
      assert.equal(await store.readText("f", { offset: 3, length: 4 }), "3456");
      assert.equal(await store.readText("f", { offset: 8 }), "89");
      assert.equal(await store.readText("f", { length: 2 }), "01");
      assert.equal(await store.readText("f", { offset: 8, length: 100 }), "89");
      assert.equal(await store.readText("f", { offset: 10 }), "");
      assert.equal(await store.readText("f", { offset: 99, length: 1 }), "");
      await expectFailure(store.read("f", { offset: -1 }), { is: RemoteStoreError });
      await expectFailure(store.read("f", { length: 0 }), { is: RemoteStoreError });
    },
  },
  {
    id: "read.if-match",
    promise: "a read with ifMatch reads that file or none",
    needs: ["read", "write"],
    async run(fixture) {
      const { store } = fixture;
      const { etag } = await store.writeText("f", "one", { overwrite: true });
      assert.ok(etag);
      assert.equal(await store.readText("f", { ifMatch: etag }), "one");
      await store.writeText("f", "other", { overwrite: true });
      await expectFailure(store.read("f", { ifMatch: etag }), {
        is: PreconditionFailed,
        path: "f",
      });
    },
  },
  {
    id: "read.missing",
    promise: "ERR-002: what is missing is NotFound to every read, with the path asked for",
    needs: ["read", "metadata", "list"],
    async run({ store }) {
      const missing = { is: NotFound, path: "no/such" };
      await expectFailure(store.read("no/such"), { ...missing, operation: "read" });
      await expectFailure(store.readBytes("/no//./such/"), { ...missing, operation: "readBytes" });
      await expectFailure(store.getFileInfo("no/such"), { ...missing, operation: "getFileInfo" });
      await expectFailure(store.getFolderInfo("no/such"), missing);
    },
  },
  {
    id: "read.under-file",
    promise: "what is under a file is NotFound to every read",
    needs: ["read", "metadata"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "" });
      await expectFailure(store.read("f/g"), { is: NotFound, path: "f/g" });
      await expectFailure(store.getFileInfo("f/g"), { is: NotFound, path: "f/g" });
      assert.equal(await store.exists("f/g"), false);
    },
  },
  {
    id: "read.folder",
    promise: "ERR-005: a folder where a file is needed is InvalidPath to every read",
    needs: ["read", "metadata", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "d/f": "" });
      await expectFailure(store.read("d"), { is: InvalidPath, path: "d" });
      await expectFailure(store.readText("d"), { is: InvalidPath, path: "d" });
      await expectFailure(store.getFileInfo("d"), { is: InvalidPath, path: "d" });
      await expectFailure(store.getFolderInfo("d/f"), { is: InvalidPath, path: "d/f" });
    },
  },
  {
    id: "read.kinds",
    promise:
      "exists, isFile and isFolder tell files, folders and nothing apart; the root is a folder",
    needs: ["list", "write", "delete"],
    async run(fixture) {
      const { store } = fixture;
      const kinds = async (path: string): Promise<readonly boolean[]> => [
        await store.exists(path),
        await store.isFile(path),
        await store.isFolder(path),
      ];
      assert.deepEqual(await kinds(""), [true, false, true]);
      assert.deepEqual(await kinds("."), [true, false, true]);
      assert.deepEqual(await kinds("d"), [false, false, false]);
      await seed(fixture, { "d/f": "" });
      assert.deepEqual(await kinds("d"), [true, false, true]);
      assert.deepEqual(await kinds("d/f"), [true, true, false]);
      await store.delete("d/f");
      assert.deepEqual(await kinds("d"), [false, false, false]);
    },
  },
  {
    id: "read.info",
    promise: "a file's info agrees with its write, its listing and its read",
    needs: ["write", "read", "list", "metadata"],
    async run({ store }) {
      const written = await store.writeText("d/f.txt", "12345", { overwrite: true });
      const info = await store.getFileInfo("d/f.txt");
      assert.deepEqual(
        [info.kind, info.path, info.name, info.size],
        ["file", "d/f.txt", "f.txt", 5],
      );
      assert.equal(written.size, 5);
      assert.equal(written.path, "d/f.txt");
      assert.equal(info.etag, written.etag);
      if (written.modifiedAt !== undefined) assert.deepEqual(info.modifiedAt, written.modifiedAt);
      const stream = await store.read("d/f.txt");
      await stream.dispose();
      assert.equal(stream.info.etag, info.etag);
      const [listed] = await all(store.listFiles("d"));
      assert.deepEqual([listed?.path, listed?.size], ["d/f.txt", 5]);
    },
  },
];
