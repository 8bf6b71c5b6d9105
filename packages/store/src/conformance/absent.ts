import assert from "node:assert/strict";
import { NotFound } from "../errors/classes.ts";
import type { Cell, Fixture } from "./cell.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { seed, seedMany } from "./seed.ts";

const hands = ["dropContainer"] as const;

async function withoutContainer(fixture: Fixture): Promise<Fixture["store"]> {
  await seed(fixture, { f: "old", "d/f": "old" });
  await fixture.dropContainer?.();
  return fixture.store;
}

/** What a store says whose bucket or directory is not there. */
export const absent: readonly Cell[] = [
  {
    id: "absent.ping",
    promise: "without its container a store answers a ping with NotFound",
    hands,
    async run(fixture) {
      const store = await withoutContainer(fixture);
      await expectFailure(store.ping(), { is: NotFound, operation: "ping" });
    },
  },
  {
    id: "absent.probes",
    promise: "without its container nothing exists but the root",
    hands,
    async run(fixture) {
      const store = await withoutContainer(fixture);
      for (const path of ["f", "d", "d/f"]) {
        assert.equal(await store.exists(path), false);
        assert.equal(await store.isFile(path), false);
        assert.equal(await store.isFolder(path), false);
      }
      assert.deepEqual([await store.exists(""), await store.isFolder("")], [true, true]);
    },
  },
  {
    id: "absent.reads",
    promise: "without its container every read is NotFound",
    hands,
    needs: ["read", "metadata"],
    async run(fixture) {
      const store = await withoutContainer(fixture);
      const notFound = { is: NotFound, path: "f" };
      await expectFailure(store.read("f"), notFound);
      await expectFailure(store.readBytes("f"), notFound);
      await expectFailure(store.readText("f", { offset: 1 }), notFound);
      await expectFailure(store.readJson("f"), notFound);
      await expectFailure(store.getFileInfo("f"), notFound);
    },
  },
  {
    id: "absent.listings",
    promise: "a container that is gone from the start has nothing in it",
    hands,
    needs: ["list"],
    async run(fixture) {
      const store = await withoutContainer(fixture);
      for (const path of ["", "d"]) {
        assert.deepEqual(await all(store.listFiles(path, { recursive: true })), []);
        assert.deepEqual(await all(store.listFolders(path)), []);
        assert.deepEqual(await all(store.iterChildren(path)), []);
      }
      assert.deepEqual(await all(store.glob("**/*")), []);
      assert.equal((await store.getFolderInfo("")).fileCount, 0);
      await expectFailure(store.getFolderInfo("d"), { is: NotFound, path: "d" });
    },
  },
  {
    id: "absent.deletes",
    promise: "without its container a deletion is NotFound, and forgiven where that is",
    hands,
    needs: ["delete"],
    async run(fixture) {
      const store = await withoutContainer(fixture);
      await expectFailure(store.delete("f"), { is: NotFound, path: "f" });
      await expectFailure(store.deleteFolder("d", { recursive: true }), {
        is: NotFound,
        path: "d",
      });
      await store.delete("f", { missingOk: true });
      await store.deleteFolder("d", { missingOk: true });
    },
  },
  {
    id: "absent.writes",
    promise: "a write makes no container: it is NotFound, and the container still is not there",
    hands,
    needs: ["write"],
    async run(fixture) {
      const store = await withoutContainer(fixture);
      for (const overwrite of [false, true]) {
        const written = store.writeText("new/f", "", { overwrite });
        await expectFailure(written, { is: NotFound, path: "new/f" });
      }
      await expectFailure(store.ping(), { is: NotFound });
    },
  },
  {
    id: "absent.moves",
    promise: "without its container the source of a copy or a move is NotFound",
    hands,
    needs: ["copy", "move"],
    async run(fixture) {
      const store = await withoutContainer(fixture);
      await expectFailure(store.copy("f", "g"), { is: NotFound, path: "f" });
      await expectFailure(store.move("f", "g"), { is: NotFound, path: "f" });
    },
  },
  {
    id: "absent.vanishes",
    promise: "a container that goes away after the first page fails a listing or leaves it whole",
    hands,
    needs: ["list"],
    async run(fixture) {
      const paths = await seedMany(fixture, "p", 2203);
      const found: string[] = [];
      const listing = fixture.store.listFiles("p");
      const listed = (async (): Promise<void> => {
        for await (const { path } of listing) {
          if (found.push(path) === 1) await fixture.dropContainer?.();
        }
      })();
      const failed = await listed.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failed === undefined) assert.deepEqual(found, paths);
      else await expectFailure(listed, { is: NotFound, operation: "listFiles", path: "p" });
    },
  },
];
