import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { SourceFailed } from "../errors/added-classes.ts";
import { AlreadyExists, InvalidPath } from "../errors/classes.ts";
import type { Content } from "../kernel/source.ts";
import type { Cell } from "./cell.ts";
import { pieces, sizes } from "./content.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { expectOnly } from "./expect-only.ts";
import { seed } from "./seed.ts";
import { waysToWrite } from "./ways-to-write.ts";

/** Gives its pieces in one and the same memory. */
async function* reused(): AsyncGenerator<Uint8Array> {
  const memory = Buffer.from("aa");
  yield memory;
  memory.write("bb");
  yield memory;
}

/** Writes. */
export const writing: readonly Cell[] = [
  {
    id: "write.sources",
    promise:
      "bytes, Blobs, generators, Node and web streams are stored whole, in memory used again",
    needs: ["write", "read"],
    async run({ store }) {
      const sources: readonly Content[] = [
        Buffer.from("aabb"),
        new Blob(["aa", "bb"]),
        reused(),
        Readable.from([Buffer.from("aab"), Buffer.from("b")]),
        new Blob(["aabb"]).stream(),
      ];
      for (const source of sources) {
        const result = await store.write("f", source, { overwrite: true });
        assert.equal(result.size, 4);
        assert.equal(await store.readText("f"), "aabb");
      }
    },
  },
  {
    id: "write.source-read-before",
    promise: "a stream of which nothing is left is SourceFailed, and not stored as an empty file",
    needs: ["write", "metadata", "list"],
    async run(fixture) {
      const { store } = fixture;
      const sources: readonly Content[] = [
        pieces(4),
        Readable.from([Buffer.from("aabb")]),
        new Blob(["aabb"]).stream(),
      ];
      for (const source of sources) {
        await store.write("f", source, { overwrite: true });
        const again = store.write("f", source, { overwrite: true });
        const { retryable } = await expectFailure(again, { is: SourceFailed, path: "f" });
        assert.equal(retryable, false);
        assert.equal((await store.getFileInfo("f")).size, 4);
      }
      await expectOnly(fixture, ["f"]);
    },
  },
  {
    id: "write.sizes",
    promise: "a stream of any size is stored whole, and its result is the file's",
    needs: ["write", "read", "list", "metadata"],
    async run(fixture) {
      for (const write of waysToWrite(fixture)) {
        for (const size of sizes) {
          const result = await write("deep/er/f", pieces(size), { overwrite: true });
          assert.equal(result.size, size);
          const info = await fixture.store.getFileInfo("deep/er/f");
          assert.deepEqual([info.size, info.etag], [size, result.etag]);
          const expected = Buffer.concat(await all(pieces(size)));
          assert.ok(expected.equals(await fixture.store.readBytes("deep/er/f")));
        }
      }
      await expectOnly(fixture, ["deep/er/f"]);
    },
  },
  {
    id: "write.exists",
    promise: "ERR-003: without overwrite what is there stays, and AlreadyExists names it",
    needs: ["write", "read", "list"],
    async run(fixture) {
      await seed(fixture, { f: "old" });
      for (const write of waysToWrite(fixture)) {
        for (const size of sizes) {
          await expectFailure(write("f", pieces(size)), { is: AlreadyExists, path: "f" });
          assert.equal(await fixture.store.readText("f"), "old");
        }
      }
      await expectOnly(fixture, ["f"]);
    },
  },
  {
    id: "write.on-folder",
    promise: "in a tree, a file is written neither over a folder nor under a file",
    namespace: "tree",
    needs: ["write", "read", "list"],
    async run(fixture) {
      await seed(fixture, { "d/f": "old" });
      for (const write of waysToWrite(fixture)) {
        for (const overwrite of [false, true]) {
          const bytes = Buffer.from("new");
          const invalid = { is: InvalidPath };
          await expectFailure(write("d", bytes, { overwrite }), { ...invalid, path: "d" });
          await expectFailure(write("d/f/g", bytes, { overwrite }), { ...invalid, path: "d/f/g" });
        }
      }
      assert.equal(await fixture.store.readText("d/f"), "old");
      await expectOnly(fixture, ["d/f"]);
    },
  },
  {
    id: "write.flat",
    promise: "in a flat namespace a file and a folder may share a name, and the file comes first",
    namespace: "flat",
    needs: ["write", "read", "list", "delete"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "conf/app": "folder", conf: "file" });
      assert.equal(await store.isFile("conf"), true);
      assert.equal(await store.isFolder("conf"), false);
      assert.equal(await store.readText("conf"), "file");
      assert.equal(await store.readText("conf/app"), "folder");
      await expectFailure(store.deleteFolder("conf", { recursive: true }), { is: InvalidPath });
    },
  },
  {
    id: "write.text",
    promise: "text is stored as UTF-8, without a byte order mark that it has not",
    needs: ["write", "read"],
    async run({ store }) {
      for (const text of ["", "ü🗝", "\uFEFFmarked", "a\r\nb\0c"]) {
        const { size } = await store.writeText("f", text, { overwrite: true });
        assert.equal(size, Buffer.byteLength(text));
        assert.equal(await store.readText("f"), text);
      }
    },
  },
  {
    id: "write.position",
    promise: "a stream is stored from where it stands",
    needs: ["write", "read"],
    async run({ store }) {
      const given = Readable.from(["ab", "cd", "ef"].map((text) => Buffer.from(text)));
      const iterator = given.iterator({ destroyOnReturn: false });
      await iterator.next();
      await iterator.return?.();
      await store.write("f", given, { overwrite: true });
      assert.equal(await store.readText("f"), "cdef");
    },
  },
  {
    id: "write.result",
    promise: "what a write answers is what its file's info says, however it was written",
    needs: ["write", "metadata"],
    async run(fixture) {
      for (const write of waysToWrite(fixture)) {
        const { path, size, etag, modifiedAt } = await write("d//f", Buffer.from("bytes"), {
          overwrite: true,
        });
        const info = await fixture.store.getFileInfo("d/f");
        assert.deepEqual([path, size, etag], ["d/f", 5, info.etag]);
        if (modifiedAt !== undefined) assert.deepEqual(modifiedAt, info.modifiedAt);
      }
    },
  },
  {
    id: "write.etag",
    promise: "a file that was written again has another etag, though its bytes may be as many",
    needs: ["write", "metadata", "conditional_write"],
    async run({ store }) {
      const first = await store.writeText("f", "one", { overwrite: true });
      const second = await store.writeText("f", "two", { overwrite: true });
      assert.notEqual(first.etag, undefined);
      assert.notEqual(first.etag, second.etag);
    },
  },
];
