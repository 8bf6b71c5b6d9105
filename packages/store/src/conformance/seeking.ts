import assert from "node:assert/strict";
import { ModifiedDuringRead, PreconditionFailed } from "../errors/added-classes.ts";
import { InvalidPath, NotFound } from "../errors/classes.ts";
import type { Cell } from "./cell.ts";
import { filled } from "./content.ts";
import { expectFailure } from "./expect-failure.ts";
import { seed } from "./seed.ts";

const text = Array.from({ length: 1000 }, (_, index) => String(index).padStart(4, "0")).join("");

/** Files that are read here and there. */
export const seeking: readonly Cell[] = [
  {
    id: "seek.ranges",
    promise: "a file is read here and there, in any order, and past its end there is nothing",
    needs: ["read"],
    async run(fixture) {
      await seed(fixture, { f: text, empty: "" });
      for (const bufferBytes of [0, 10, 2 ** 20]) {
        await using file = await fixture.store.readSeekable("f", { bufferBytes });
        assert.equal(file.info.size, 4000);
        for (const [offset, length] of [
          [3996, 4],
          [0, 8],
          [400, 400],
          [4, 4],
          [3999, 100],
          [4000, 1],
          [9999, 1],
          [7, 0],
        ] as const) {
          const bytes = Buffer.from(await file.read(offset, length));
          assert.equal(bytes.toString(), text.slice(offset, offset + length));
        }
      }
      await using empty = await fixture.store.readSeekable("empty");
      assert.equal((await empty.read(0, 10)).byteLength, 0);
    },
  },
  {
    id: "seek.at-once",
    promise: "many parts of one file are read at once, each rightly",
    needs: ["read"],
    async run(fixture) {
      await seed(fixture, { f: text });
      await using file = await fixture.store.readSeekable("f", { bufferBytes: 64 });
      const offsets = Array.from({ length: 30 }, (_, index) => (index * 613) % 3900);
      const read = await Promise.all(offsets.map((offset) => file.read(offset, 50)));
      for (const [index, bytes] of read.entries()) {
        const offset = offsets[index] ?? 0;
        assert.equal(Buffer.from(bytes).toString(), text.slice(offset, offset + 50));
      }
    },
  },
  {
    id: "seek.failures",
    promise:
      "what cannot be read is refused when it is opened, and a range that is none when it is read",
    needs: ["read", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "d/f": text });
      await expectFailure(store.readSeekable("no"), { is: NotFound, path: "no" });
      await expectFailure(store.readSeekable("d"), { is: InvalidPath, path: "d" });
      await using file = await store.readSeekable("d/f");
      await assert.rejects(file.read(-1, 1), /offset/);
      await assert.rejects(file.read(0, 0.5), /length/);
    },
  },
  {
    id: "seek.torn",
    promise: "once its file was replaced, a part that is not at hand is ModifiedDuringRead",
    needs: ["read", "write"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: filled(4000, 1) });
      await using file = await store.readSeekable("f", { bufferBytes: 0 });
      await file.read(0, 10);
      await store.write("f", filled(5000, 2), { overwrite: true });
      await expectFailure(file.read(3000, 10), { is: ModifiedDuringRead, path: "f" });
    },
  },
  {
    id: "seek.if-match",
    promise: "a file is opened only if it is still the one that was named",
    needs: ["read", "write", "conditional_write"],
    async run({ store }) {
      const { etag } = await store.writeText("f", "one", { overwrite: true });
      await (await store.readSeekable("f", { ifMatch: etag })).close();
      await store.writeText("f", "other", { overwrite: true });
      const opened = store.readSeekable("f", { ifMatch: etag });
      await expectFailure(opened, { is: PreconditionFailed, path: "f" });
    },
  },
  {
    id: "seek.closed",
    promise: "a file that was closed, twice or once, is not read, and nothing of it stays open",
    needs: ["read"],
    async run(fixture) {
      await seed(fixture, { f: text });
      const file = await fixture.store.readSeekable("f");
      await file.read(0, 10);
      await file.close();
      await file.close();
      await assert.rejects(file.read(0, 10));
      assert.deepEqual(await fixture.leftovers(), []);
    },
  },
];
