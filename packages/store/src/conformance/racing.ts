import assert from "node:assert/strict";
import { inspect } from "node:util";
import { PreconditionFailed } from "../errors/added-classes.ts";
import { AlreadyExists } from "../errors/classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { Cell, Fixture, Subject } from "./cell.ts";
import { filled, overtaken, sizes } from "./content.ts";
import { expectFailure } from "./expect-failure.ts";
import { expectListed, expectOnly } from "./expect-only.ts";
import { seed } from "./seed.ts";
import { waysToWrite } from "./ways-to-write.ts";

const large = sizes.at(-1) ?? 0;
const lateLoss = "write.race-late";
const contenders = Array.from({ length: 12 }, (_, index) => index + 1);

/** The one byte that all of these bytes are. */
function onlyByte(bytes: Uint8Array): number {
  const [first = 0] = bytes;
  assert.ok(
    bytes.every((byte) => byte === first),
    "bytes of two writes",
  );
  return first;
}

/**
 * Nothing but these files is there, neither to be seen nor hidden. Where a write that loses late is declared to leave parts,
 * whether one of several came to that is luck: there only the listing says something.
 */
async function expectOnlyAfter(
  { fixture, subject }: { readonly fixture: Fixture; readonly subject: Subject },
  paths: readonly string[],
): Promise<void> {
  const isClean = subject.exceptions?.[lateLoss] === undefined;
  await (isClean ? expectOnly(fixture, paths) : expectListed(fixture, paths));
}

/** Several callers at once. */
export const racing: readonly Cell[] = [
  {
    id: "write.race",
    promise: "of many that create one file at once, one succeeds and the others are AlreadyExists",
    needs: ["atomic_create", "write", "read", "list", "delete"],
    async run(fixture, subject) {
      for (const write of waysToWrite(fixture)) {
        for (const size of [1024, ...sizes.slice(1)]) {
          const some = contenders.slice(0, size === 1024 ? 12 : 3);
          const outcomes = await Promise.allSettled(
            some.map((byte) => write("d/f", filled(size, byte))),
          );
          const winners = some.filter((_, index) => outcomes[index]?.status === "fulfilled");
          assert.equal(winners.length, 1);
          assert.equal(onlyByte(await fixture.store.readBytes("d/f")), winners[0]);
          for (const outcome of outcomes) {
            if (outcome.status === "rejected") assert.ok(AlreadyExists.is(outcome.reason));
          }
          await expectOnlyAfter({ fixture, subject }, ["d/f"]);
          await fixture.store.delete("d/f");
        }
      }
    },
  },
  {
    id: lateLoss,
    promise:
      "one that loses its race after parts of it were sent is AlreadyExists, and leaves nothing",
    needs: ["atomic_create", "write", "read", "list", "delete"],
    async run(fixture) {
      const { store } = fixture;
      for (const write of waysToWrite(fixture)) {
        const source = overtaken(2 * large, () => store.writeText("d/f", "first"));
        await expectFailure(write("d/f", source), { is: AlreadyExists, path: "d/f" });
        assert.equal(await store.readText("d/f"), "first");
        await expectOnly(fixture, ["d/f"]);
        await store.delete("d/f");
      }
    },
  },
  {
    id: "write.if-match",
    promise: "a loop of compare and swap loses no increment",
    needs: ["conditional_write", "write", "read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { n: "0" });
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
    id: "race.overwrites",
    promise: "of many that overwrite one file at once, one is there afterwards, whole",
    needs: ["write", "read", "list"],
    async run(fixture) {
      const overwrite = true;
      for (const size of [1024, ...sizes.slice(0, 1)]) {
        await Promise.all(
          contenders.map((byte) => fixture.store.write("f", filled(size, byte), { overwrite })),
        );
        const bytes = await fixture.store.readBytes("f");
        assert.equal(bytes.byteLength, size);
        assert.ok(contenders.includes(onlyByte(bytes)));
      }
      await expectOnly(fixture, ["f"]);
    },
  },
  {
    id: "race.overwrites-large",
    promise:
      "of some that overwrite one large file at once, one that succeeds is there, and one that fails may come again",
    needs: ["write", "read", "list"],
    async run(fixture, subject) {
      const some = contenders.slice(0, 3);
      const outcomes = await Promise.allSettled(
        some.map((byte) => fixture.store.write("f", filled(large, byte), { overwrite: true })),
      );
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") continue;
        const error: unknown = outcome.reason;
        assert.ok(RemoteStoreError.is(error) && error.retryable, inspect(error));
      }
      const stored = some.filter((_, index) => outcomes[index]?.status === "fulfilled");
      const bytes = await fixture.store.readBytes("f");
      assert.equal(bytes.byteLength, large);
      assert.ok(stored.includes(onlyByte(bytes)));
      await expectOnlyAfter({ fixture, subject }, ["f"]);
    },
  },
  {
    id: "race.readers",
    promise: "whoever reads while a file is overwritten sees one of the files, whole",
    needs: ["atomic_write", "write", "read"],
    async run(fixture) {
      const { store } = fixture;
      const size = sizes[0] ?? 0;
      await seed(fixture, { f: filled(size, 99) });
      const over = new AbortController();
      const reading = [1, 2, 3].map(async () => {
        let reads = 0;
        while (!over.signal.aborted) {
          const bytes = await store.readBytes("f");
          assert.equal(bytes.byteLength, size);
          onlyByte(bytes);
          reads += 1;
        }
        return reads;
      });
      for (const byte of contenders) {
        await store.writeAtomic("f", filled(size, byte), { overwrite: true });
      }
      over.abort();
      for (const reads of await Promise.all(reading)) assert.ok(reads > 0);
    },
  },
  {
    id: "race.distinct",
    promise: "many files written at once are all there, each with its own bytes",
    needs: ["write", "read", "list"],
    async run(fixture) {
      const { store } = fixture;
      const paths = Array.from({ length: 40 }, (_, index) => `d${index % 4}/${100 + index}`);
      await Promise.all(paths.map((path) => store.writeText(path, path, { overwrite: true })));
      const texts = await Promise.all(paths.map((path) => store.readText(path)));
      assert.deepEqual(texts, paths);
      await expectOnly(fixture, paths.toSorted());
    },
  },
  {
    id: "race.reads",
    promise: "many read one file at once, and each reads all of it",
    needs: ["read"],
    async run(fixture) {
      const size = sizes[0] ?? 0;
      await seed(fixture, { f: filled(size, 7) });
      const all = await Promise.all(contenders.map(() => fixture.store.readBytes("f")));
      for (const bytes of all) {
        assert.deepEqual([bytes.byteLength, onlyByte(bytes)], [size, 7]);
      }
    },
  },
  {
    id: "race.own-write",
    promise: "whoever wrote a file reads it and finds it listed, at once",
    needs: ["write", "read", "list", "delete"],
    async run(fixture) {
      const { store } = fixture;
      const lanes = [0, 1, 2, 3].map(async (lane) => {
        for (let round = 0; round < 8; round += 1) {
          const path = `lane/${lane}/${round}`;
          await store.writeText(path, path, { overwrite: true });
          assert.equal(await store.readText(path), path);
          assert.equal((await store.getFolderInfo(`lane/${lane}`)).fileCount, 1);
          await store.delete(path);
          assert.equal(await store.exists(path), false);
        }
      });
      await Promise.all(lanes);
      await expectOnly(fixture, []);
    },
  },
];
