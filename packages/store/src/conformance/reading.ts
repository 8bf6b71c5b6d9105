import assert from "node:assert/strict";
import { Aborted, Closed, PreconditionFailed } from "../errors/added-classes.ts";
import { InvalidPath, NotFound } from "../errors/classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { Cell } from "./cell.ts";
import { sizes } from "./content.ts";
import { all, expectFailure } from "./expect-failure.ts";

/** Reads and infos. */
export const reading: readonly Cell[] = [
  {
    id: "read.bytes",
    promise: "what was written is read, as bytes, text, JSON and a stream",
    async run({ store }) {
      await store.writeText("a/b.json", '{"ü":1}');
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
    async run({ store }) {
      await store.write("empty", new Uint8Array());
      assert.equal((await store.readBytes("empty")).byteLength, 0);
      assert.deepEqual(await all(await store.read("empty")), []);
    },
  },
  {
    id: "read.range",
    promise: "a range is read as asked, and past the end there is nothing",
    async run({ store }) {
      await store.writeText("f", "0123456789");
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
    async run({ store }) {
      const { etag } = await store.writeText("f", "one");
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
    async run({ store }) {
      await store.writeText("f", "");
      await expectFailure(store.read("f/g"), { is: NotFound, path: "f/g" });
      await expectFailure(store.getFileInfo("f/g"), { is: NotFound, path: "f/g" });
      assert.equal(await store.exists("f/g"), false);
    },
  },
  {
    id: "read.folder",
    promise: "ERR-005: a folder where a file is needed is InvalidPath to every read",
    async run({ store }) {
      await store.writeText("d/f", "");
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
    async run({ store }) {
      const kinds = async (path: string): Promise<readonly boolean[]> => [
        await store.exists(path),
        await store.isFile(path),
        await store.isFolder(path),
      ];
      assert.deepEqual(await kinds(""), [true, false, true]);
      assert.deepEqual(await kinds("."), [true, false, true]);
      assert.deepEqual(await kinds("d"), [false, false, false]);
      await store.writeText("d/f", "");
      assert.deepEqual(await kinds("d"), [true, false, true]);
      assert.deepEqual(await kinds("d/f"), [true, true, false]);
      await store.delete("d/f");
      assert.deepEqual(await kinds("d"), [false, false, false]);
    },
  },
  {
    id: "read.info",
    promise: "a file's info agrees with its write, its listing and its read",
    async run({ store }) {
      const written = await store.writeText("d/f.txt", "12345");
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
  {
    id: "read.stopped",
    promise: "a stream may be left early, disposed of twice, and is read once",
    async run({ store }) {
      await store.write("big", new Uint8Array(sizes[1] ?? 0));
      for await (const piece of await store.read("big")) {
        assert.ok(piece.byteLength > 0);
        break;
      }
      const stream = await store.read("big");
      await stream.dispose();
      await stream.dispose();
      assert.throws(() => stream[Symbol.asyncIterator](), TypeError);
      const web = (await store.read("big")).web();
      await web.cancel();
      (await store.read("big")).node().destroy();
    },
  },
  {
    id: "read.aborted",
    promise: "a signal ends a read before and while the bytes come; its reason is the cause",
    async run({ store }) {
      await store.write("big", new Uint8Array(sizes[1] ?? 0));
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      await expectFailure(store.read("big", { signal }), { is: Aborted, cause: reason });
      const ending = new AbortController();
      const stream = await store.read("big", { signal: ending.signal });
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      ending.abort(reason);
      const readOn = async (): Promise<void> => {
        while ((await iterator.next()).done !== true);
      };
      await expectFailure(readOn(), { is: Aborted, path: "big", cause: reason });
    },
  },
  {
    id: "closed",
    promise: "after close every method fails as Closed, the root's and the children's too",
    async run({ store }) {
      const child = store.child("d");
      await child.close();
      assert.equal(await child.exists(""), true);
      await store.close();
      await store.close();
      const closed = { is: Closed };
      await expectFailure(store.exists(""), closed);
      await expectFailure(store.read(".."), closed);
      await expectFailure(store.writeText("", ""), closed);
      await expectFailure(store.ping(), closed);
      await expectFailure(all(store.listFiles("")), closed);
      await expectFailure(child.readText("x"), closed);
      const signal = AbortSignal.abort();
      await expectFailure(store.read("..", { signal }), { is: Aborted });
    },
  },
];
