import assert from "node:assert/strict";
import { inspect } from "node:util";
import { ModifiedDuringRead, Throttled } from "../errors/added-classes.ts";
import { BackendUnavailable, PermissionDenied } from "../errors/classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { calls } from "./calls.ts";
import type { Cell, Fault, Fixture } from "./cell.ts";
import { filled, pieces, sizes } from "./content.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { expectOnly } from "./expect-only.ts";
import { seed, seedMany } from "./seed.ts";

const large = sizes.at(-1) ?? 0;

/** Every method fails so, nothing is changed by it, and the next call is served again. */
async function everyCallFails(
  fixture: Fixture,
  fault: Fault,
  is: typeof BackendUnavailable | typeof Throttled,
): Promise<void> {
  const { driver, faultNext, store } = fixture;
  await seed(fixture, { f: "old", other: "old" });
  for (const { go, needs, operation } of calls) {
    if (needs !== undefined && !driver.capabilities.has(needs)) continue;
    await faultNext?.(fault);
    const error = await expectFailure(go(store, "f"), { is, operation });
    assert.ok(error.path === "f" || error.path === "other", `${operation} names ${error.path}`);
    assert.deepEqual([error.backend, error.retryable], [driver.name, true], error.toString());
    assert.deepEqual([await store.isFile("f"), await store.isFile("other")], [true, true]);
  }
  await faultNext?.(fault);
  await expectFailure(store.ping(), { is, operation: "ping" });
  assert.deepEqual(await fixture.leftovers(), []);
}

/** A source that has the backend fail once it has given that many bytes, and gives all the same. */
async function* failingBackend(
  { faultNext }: Fixture,
  bytes: number,
  before: number,
): AsyncGenerator<Uint8Array> {
  let given = 0;
  for await (const piece of pieces(bytes)) {
    if (given <= before && before < given + piece.byteLength) await faultNext?.("unavailable");
    given += piece.byteLength;
    yield piece;
  }
}

/** What a store says of a backend that fails really. */
export const faulty: readonly Cell[] = [
  {
    id: "fault.reset",
    promise:
      "ERR-007: a connection that breaks is BackendUnavailable to every method, which may be called again",
    hands: ["reset"],
    run: (fixture) => everyCallFails(fixture, "reset", BackendUnavailable),
  },
  {
    id: "fault.unavailable",
    promise:
      "ERR-007: a backend that cannot is BackendUnavailable to every method, which may be called again",
    hands: ["unavailable"],
    run: (fixture) => everyCallFails(fixture, "unavailable", BackendUnavailable),
  },
  {
    id: "fault.throttled",
    promise: "a backend that asks for fewer requests is Throttled to every method",
    hands: ["throttled"],
    run: (fixture) => everyCallFails(fixture, "throttled", Throttled),
  },
  {
    id: "fault.write",
    promise: "a write that the backend fails midway, at its end too, changes and leaves nothing",
    hands: ["unavailable"],
    needs: ["write", "list", "read"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { old: "old" });
      for (const size of sizes) {
        for (const before of [0, size - 1]) {
          for (const path of ["new", "old"]) {
            const source = failingBackend(fixture, size, before);
            const written = store.write(path, source, { overwrite: true });
            await expectFailure(written, { is: BackendUnavailable, path });
          }
        }
      }
      assert.equal(await store.readText("old"), "old");
      await expectOnly(fixture, ["old"]);
    },
  },
  {
    id: "fault.truncated",
    promise: "bytes that end early are a failure of every read, and never a shorter file",
    hands: ["truncated"],
    needs: ["read"],
    async run(fixture) {
      const { faultNext, store } = fixture;
      await seed(fixture, { f: filled(large, 1) });
      const reads: readonly (() => Promise<unknown>)[] = [
        () => store.readBytes("f"),
        () => store.readText("f", { offset: 10, length: large - 20 }),
        async () => all(await store.read("f")),
        async () => all((await store.read("f")).web()),
        async () => all((await store.read("f")).node()),
      ];
      for (const read of reads) {
        await faultNext?.("truncated");
        await expectFailure(read(), { is: BackendUnavailable, path: "f" });
      }
      assert.equal((await store.readBytes("f")).byteLength, large);
    },
  },
  {
    id: "fault.torn",
    promise: "a file that is replaced while its bytes break off is never read as a mixture",
    hands: ["truncated"],
    needs: ["read", "write"],
    async run(fixture) {
      const { faultNext, store } = fixture;
      await seed(fixture, { f: filled(large, 1) });
      await faultNext?.("truncated");
      const stream = await store.read("f");
      await store.write("f", filled(large, 2), { overwrite: true });
      const seen = new Set<number>();
      const readOn = async (): Promise<void> => {
        for await (const piece of stream) for (const byte of piece) seen.add(byte);
      };
      const error: unknown = await readOn().catch((failed: unknown) => failed);
      assert.ok(ModifiedDuringRead.is(error) || BackendUnavailable.is(error), inspect(error));
      assert.ok(!seen.has(2), "bytes of both files");
    },
  },
  {
    id: "fault.listing",
    promise: "a listing whose backend fails after the first page is whole or fails, never short",
    hands: ["reset"],
    needs: ["list"],
    async run(fixture) {
      const paths = await seedMany(fixture, "p", 2203);
      const found: string[] = [];
      const listed = async (): Promise<void> => {
        for await (const { path } of fixture.store.listFiles("p")) {
          if (found.push(path) === 1) await fixture.faultNext?.("reset");
        }
      };
      const error: unknown = await listed().catch((failed: unknown) => failed);
      if (error === undefined) assert.deepEqual(found, paths);
      else assert.ok(BackendUnavailable.is(error) && error.operation === "listFiles");
    },
  },
  {
    id: "fault.folder",
    promise: "a folder whose deletion failed is still to be deleted, and then all of it goes",
    hands: ["reset"],
    needs: ["delete", "list"],
    async run(fixture) {
      const { faultNext, store } = fixture;
      await seed(fixture, { "d/a": "1", "d/e/b": "2", "d-c": "3" });
      await faultNext?.("reset");
      const expected = { is: BackendUnavailable, path: "d" };
      await expectFailure(store.deleteFolder("d", { recursive: true }), expected);
      assert.equal(await store.isFolder("d"), true);
      await store.deleteFolder("d", { recursive: true });
      await expectOnly(fixture, ["d-c"]);
    },
  },
  {
    id: "fault.refused-keys",
    promise:
      "a bulk deletion that succeeds and leaves files is PermissionDenied of one that is still there",
    hands: ["refused-keys"],
    needs: ["delete", "list"],
    async run(fixture) {
      const { faultNext, store } = fixture;
      await seed(fixture, { "d/a": "1", "d/e/b": "2", "d-c": "3" });
      await faultNext?.("refused-keys");
      const error = await expectFailure(store.deleteFolder("d", { recursive: true }), {
        is: PermissionDenied,
        operation: "deleteFolder",
      });
      assert.equal(await store.isFile(error.path ?? ""), true, `${error.path} is not there`);
    },
  },
  {
    id: "fault.probe",
    promise: "a probe that fails is an error of the store, and no answer",
    hands: ["reset"],
    async run(fixture) {
      const { faultNext, store } = fixture;
      await seed(fixture, { f: "old" });
      for (const probe of ["exists", "isFile", "isFolder"] as const) {
        for (const path of ["f", "no"]) {
          await faultNext?.("reset");
          const error = await expectFailure(store[probe](path), { is: BackendUnavailable, path });
          assert.ok(RemoteStoreError.is(error));
        }
      }
    },
  },
];
