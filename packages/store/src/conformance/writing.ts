import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { Aborted, PreconditionFailed, SourceFailed } from "../errors/added-classes.ts";
import { AlreadyExists, InvalidPath } from "../errors/classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { Content } from "../kernel/source.ts";
import type { WriteOptions } from "../kernel/writes.ts";
import type { WriteResult } from "../kernel/results.ts";
import type { Cell, Fixture } from "./cell.ts";
import { hanging, pieces, sizes } from "./content.ts";
import { all, expectFailure } from "./expect-failure.ts";

type Write = (path: string, content: Content, options?: WriteOptions) => Promise<WriteResult>;

/** Every way to write, by one shape. */
function waysToWrite({ store }: Fixture): readonly Write[] {
  return [
    (path, content, options) => store.write(path, content, options),
    (path, content, options) => store.writeAtomic(path, content, options),
    async (path, content, options) => {
      await using writer = await store.openAtomic(path, options);
      const source = content instanceof Uint8Array ? [content] : iterable(content);
      for await (const piece of source) await writer.write(piece);
      return writer.commit();
    },
  ];
}

function iterable(content: Content): AsyncIterable<Uint8Array> {
  return content instanceof Blob ? content.stream() : Readable.from(content);
}

/** Gives its pieces in one and the same memory. */
async function* reused(): AsyncGenerator<Uint8Array> {
  const memory = Buffer.from("aa");
  yield memory;
  memory.write("bb");
  yield memory;
}

const cancelled = new WeakSet<object>();

/** A web stream that gives nothing, ever. */
function hangingWeb(): ReadableStream<Uint8Array> {
  const stream = new ReadableStream<Uint8Array>({
    pull: () => new Promise(() => {}),
    cancel() {
      cancelled.add(stream);
    },
  });
  return stream;
}

function isLetGo(stream: object | undefined): boolean {
  if (stream instanceof Readable) return stream.destroyed;
  return stream !== undefined && cancelled.has(stream);
}

/** Nothing but these files is there, neither to be seen nor hidden. */
async function expectOnly(fixture: Fixture, paths: readonly string[]): Promise<void> {
  const files = await all(fixture.store.listFiles("", { recursive: true }));
  assert.deepEqual(
    files.map(({ path }) => path),
    paths,
  );
  assert.deepEqual(await fixture.leftovers(), []);
}

/** Writes. */
export const writing: readonly Cell[] = [
  {
    id: "write.sources",
    promise:
      "bytes, Blobs, generators, Node and web streams are stored whole, in memory used again",
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
    async run(fixture) {
      await fixture.store.writeText("f", "old");
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
    id: "write.race",
    promise: "of many that create one file at once, one succeeds and the others are AlreadyExists",
    needs: ["atomic_create"],
    async run(fixture) {
      const contenders = Array.from({ length: 12 }, (_, index) => `contender ${index}`);
      const outcomes = await Promise.allSettled(
        contenders.map((text) => fixture.store.writeText("d/f", text)),
      );
      const winners = contenders.filter((_, index) => outcomes[index]?.status === "fulfilled");
      assert.equal(winners.length, 1);
      assert.equal(await fixture.store.readText("d/f"), winners[0]);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") assert.ok(AlreadyExists.is(outcome.reason));
      }
      await expectOnly(fixture, ["d/f"]);
    },
  },
  {
    id: "write.if-match",
    promise: "a loop of compare and swap loses no increment",
    needs: ["conditional_write"],
    async run({ store }) {
      await store.writeText("n", "0");
      const increment = async (): Promise<void> => {
        for (;;) {
          const stream = await store.read("n");
          const count = Number(Buffer.from(await stream.bytes()).toString());
          try {
            const ifMatch = stream.info.etag;
            await store.writeText("n", String(count + 1), { ifMatch });
            return;
          } catch (error) {
            // Two at once may also be told to come again.
            if (!PreconditionFailed.is(error) && !RemoteStoreError.is(error)) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 8 }, increment));
      assert.equal(await store.readText("n"), "8");
    },
  },
  {
    id: "write.source-fails",
    promise:
      "a source that fails is SourceFailed with its own error, and nothing is changed or left",
    async run(fixture) {
      await fixture.store.writeText("old", "old");
      const [write, writeAtomic] = waysToWrite(fixture);
      assert.ok(write && writeAtomic);
      for (const one of [write, writeAtomic]) {
        for (const size of sizes) {
          const cause = new Error("the disk of the caller");
          const options = { overwrite: true };
          const expected = { is: SourceFailed, cause };
          await expectFailure(one("new", pieces(size, cause)), { ...expected, path: "new" });
          await expectFailure(one("old", pieces(size, cause), options), expected);
        }
      }
      assert.equal(await fixture.store.readText("old"), "old");
      await expectOnly(fixture, ["old"]);
    },
  },
  {
    id: "write.not-bytes",
    promise:
      "what is no source of bytes is refused, and a source that gives something else has failed",
    async run(fixture) {
      const { store } = fixture;
      const numbers = Readable.from([1, 2]);
      await expectFailure(store.write("f", numbers), { is: SourceFailed });
      await expectOnly(fixture, []);
    },
  },
  {
    id: "write.not-committed",
    promise: "an atomic file that is not committed never was, whatever was written",
    needs: ["atomic_write"],
    async run(fixture) {
      const { store } = fixture;
      await store.writeText("old", "old");
      for (const size of sizes) {
        for (const path of ["new", "old"]) {
          await using writer = await store.openAtomic(path, { overwrite: true });
          for await (const piece of pieces(size)) await writer.write(piece);
        }
      }
      assert.equal(await store.readText("old"), "old");
      await expectOnly(fixture, ["old"]);
      await using writer = await store.openAtomic("empty");
      await writer.commit();
      await writer.abort();
      await expectOnly(fixture, ["empty", "old"]);
    },
  },
  {
    id: "write.aborted",
    promise: "a signal ends a write whose source hangs, and nothing is changed or left",
    async run(fixture) {
      await fixture.store.writeText("old", "old");
      for (const path of ["new", "old"]) {
        const ending = new AbortController();
        const reason = new Error("enough");
        const { signal } = ending;
        const streams = [hanging(), new Readable({ read() {} }), hangingWeb()];
        const written = streams.map((stream) =>
          fixture.store.write(path, stream, { overwrite: true, signal }),
        );
        setTimeout(() => ending.abort(reason), 50);
        await Promise.all(
          written.map((one) => expectFailure(one, { is: Aborted, path, cause: reason })),
        );
        assert.deepEqual([isLetGo(streams[1]), isLetGo(streams[2])], [true, true]);
      }
      assert.equal(await fixture.store.readText("old"), "old");
      await expectOnly(fixture, ["old"]);
    },
  },
  {
    id: "write.lets-go",
    promise: "a source is let go of however the write ends, also when it was never begun",
    async run({ store }) {
      await store.writeText("f", "old");
      const streams = Array.from({ length: 3 }, () => Readable.from(pieces(1024)));
      const [created, malformed, root] = streams;
      assert.ok(created && malformed && root);
      await expectFailure(store.write("f", created), { is: AlreadyExists });
      await expectFailure(store.write("..", malformed), { is: InvalidPath });
      await expectFailure(store.write("", root), { is: InvalidPath });
      for (const stream of streams) assert.equal(stream.destroyed, true);
    },
  },
  {
    id: "write.on-folder",
    promise: "in a tree, a file is written neither over a folder nor under a file",
    namespace: "tree",
    async run(fixture) {
      await fixture.store.writeText("d/f", "old");
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
    async run({ store }) {
      await store.writeText("conf/app", "folder");
      await store.writeText("conf", "file");
      assert.equal(await store.isFile("conf"), true);
      assert.equal(await store.isFolder("conf"), false);
      assert.equal(await store.readText("conf"), "file");
      assert.equal(await store.readText("conf/app"), "folder");
      await expectFailure(store.deleteFolder("conf", { recursive: true }), { is: InvalidPath });
    },
  },
];
