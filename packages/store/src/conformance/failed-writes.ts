import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Aborted, SourceFailed } from "../errors/added-classes.ts";
import { AlreadyExists, InvalidPath } from "../errors/classes.ts";
import type { Content } from "../kernel/source.ts";
import type { Cell, Fixture, Subject } from "./cell.ts";
import { hanging, pieces, sizes, stalling } from "./content.ts";
import { expectFailure } from "./expect-failure.ts";
import { expectOnly } from "./expect-only.ts";
import { seed } from "./seed.ts";
import { waysToWrite } from "./ways-to-write.ts";

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

/** What the caller's own sources can fail with, and what looks most like a backend's failure. */
const causes: readonly Error[] = [
  new Error("the disk of the caller"),
  Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", errno: -104 }),
  Object.assign(new Error("Access Denied"), { name: "AccessDenied", $metadata: { status: 403 } }),
  Object.assign(new Error("no such file"), { code: "ENOENT" }),
  new DOMException("a signal of the caller's own", "AbortError"),
];

/** Sources that fail with it, each in its way. */
function failingSources(cause: Error): readonly Content[] {
  return [
    pieces(1024, cause),
    pieces(0, cause),
    Readable.from(pieces(70_000, cause)),
    new Readable({
      read() {
        this.destroy(cause);
      },
    }),
    new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new Uint8Array(10));
      },
      pull(controller) {
        controller.error(cause);
      },
    }),
  ];
}

async function oldIs(fixture: Fixture): Promise<string | undefined> {
  return (await fixture.store.getFileInfo("old")).etag;
}

const abortedLate = "write.aborted-late";

/** Waits for parts to be stored: a moment, and where they are declared to stay, until they are seen. */
async function untilPartsAreStored(fixture: Fixture, subject: Subject): Promise<void> {
  await sleep(300);
  if (subject.exceptions?.[abortedLate] === undefined) return;
  const end = performance.now() + 20_000;
  while (performance.now() < end && (await fixture.leftovers()).length === 0) await sleep(20);
}

/** Writes that do not come to their end. */
export const failedWrites: readonly Cell[] = [
  {
    id: "write.source-fails",
    promise:
      "a source that fails is SourceFailed with its own error, and nothing is changed or left",
    needs: ["write", "list", "read", "metadata"],
    async run(fixture) {
      await seed(fixture, { old: "old" });
      const etag = await oldIs(fixture);
      for (const write of waysToWrite(fixture).slice(0, 2)) {
        for (const size of sizes) {
          const cause = new Error("the disk of the caller");
          const options = { overwrite: true };
          const expected = { is: SourceFailed, cause };
          await expectFailure(write("new", pieces(size, cause), options), {
            ...expected,
            path: "new",
          });
          await expectFailure(write("old", pieces(size, cause), options), expected);
        }
      }
      assert.equal(await fixture.store.readText("old"), "old");
      assert.equal(await oldIs(fixture), etag);
      await expectOnly(fixture, ["old"]);
    },
  },
  {
    id: "write.created-source-fails",
    promise: "a source that fails leaves nothing where only a new file was to be made",
    needs: ["write", "list"],
    async run(fixture) {
      for (const write of waysToWrite(fixture).slice(0, 2)) {
        for (const size of sizes) {
          const cause = new Error("the disk of the caller");
          await expectFailure(write("d/new", pieces(size, cause)), { is: SourceFailed, cause });
        }
      }
      await expectOnly(fixture, []);
    },
  },
  {
    id: "write.blame",
    promise: "whatever a source fails with, the backend is not blamed, and no wait helps",
    needs: ["write", "list"],
    async run(fixture) {
      for (const cause of causes) {
        for (const source of failingSources(cause)) {
          const written = fixture.store.write("f", source, { overwrite: true });
          const error = await expectFailure(written, { is: SourceFailed, cause, path: "f" });
          assert.equal(error.retryable, false);
        }
      }
      await expectOnly(fixture, []);
    },
  },
  {
    id: "write.not-bytes",
    promise:
      "what is no source of bytes is refused, and a source that gives something else has failed",
    needs: ["write", "list"],
    async run(fixture) {
      const numbers = Readable.from([1, 2]);
      const written = fixture.store.write("f", numbers, { overwrite: true });
      await expectFailure(written, { is: SourceFailed });
      await expectOnly(fixture, []);
    },
  },
  {
    id: "write.not-committed",
    promise: "an atomic file that is not committed never was, whatever was written",
    needs: ["atomic_write", "read", "list"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { old: "old" });
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
    id: "write.thrown-in-between",
    promise: "an error of the caller's between two pieces of an atomic file leaves nothing",
    needs: ["atomic_write", "list"],
    async run(fixture) {
      const { store } = fixture;
      const own = new Error("the caller's own");
      const failing = async (): Promise<void> => {
        await using writer = await store.openAtomic("d/f", { overwrite: true });
        await writer.write(new Uint8Array(100_000));
        throw own;
      };
      await assert.rejects(failing(), (error) => error === own);
      await expectOnly(fixture, []);
    },
  },
  {
    id: "write.aborted",
    promise: "a signal ends a write whose source hangs, and nothing is changed or left",
    needs: ["write", "read", "list"],
    async run(fixture) {
      await seed(fixture, { old: "old" });
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
    id: abortedLate,
    promise: "a signal ends a write that has stored parts already, and they are gone",
    needs: ["write", "read", "list"],
    async run(fixture, subject) {
      await seed(fixture, { old: "old" });
      for (const path of ["new", "old"]) {
        const ending = new AbortController();
        const reason = new Error("enough");
        const source = stalling(2 * (sizes.at(-1) ?? 0), () => {
          const stored = untilPartsAreStored(fixture, subject);
          void stored.finally(() => ending.abort(reason)).catch(() => {});
        });
        const options = { overwrite: true, signal: ending.signal };
        const written = fixture.store.write(path, source, options);
        await expectFailure(written, { is: Aborted, path, cause: reason });
      }
      assert.equal(await fixture.store.readText("old"), "old");
      await expectOnly(fixture, ["old"]);
    },
  },
  {
    id: "write.lets-go",
    promise: "a source is let go of however the write ends, also when it was never begun",
    needs: ["write"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { f: "old" });
      const streams = Array.from({ length: 3 }, () => Readable.from(pieces(1024)));
      const [created, malformed, root] = streams;
      assert.ok(created && malformed && root);
      await expectFailure(store.write("f", created), { is: AlreadyExists });
      await expectFailure(store.write("..", malformed), { is: InvalidPath });
      await expectFailure(store.write("", root), { is: InvalidPath });
      for (const stream of streams) assert.equal(stream.destroyed, true);
    },
  },
];
