import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { PermissionDenied } from "../errors/classes.ts";
import { calls } from "./calls.ts";
import type { Cell } from "./cell.ts";
import { pieces, sizes } from "./content.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { seed } from "./seed.ts";

const hands = ["denyAll"] as const;

/** What a store says whose backend refuses everything. */
export const denied: readonly Cell[] = [
  {
    id: "denied.every",
    promise:
      "ERR-004: a refusal is PermissionDenied to every method, with path and backend, and no wait helps",
    hands,
    async run(fixture) {
      const { denyAll, driver, store } = fixture;
      await seed(fixture, { f: "old", "d/f": "old", other: "old" });
      await denyAll?.();
      for (const { go, needs, operation } of calls) {
        if (needs !== undefined && !driver.capabilities.has(needs)) continue;
        const error = await expectFailure(go(store, "d/f"), { is: PermissionDenied, operation });
        assert.ok(error.path === "d/f" || error.path === "other", `it names ${error.path}`);
        assert.deepEqual([error.backend, error.retryable], [driver.name, false]);
      }
    },
  },
  {
    id: "denied.ping",
    promise: "a refused ping is PermissionDenied",
    hands,
    async run({ denyAll, store }) {
      await denyAll?.();
      await expectFailure(store.ping(), { is: PermissionDenied, operation: "ping" });
    },
  },
  {
    id: "denied.answers",
    promise: "a refusal is no answer: not that nothing is there, and not that it was forgiven",
    hands,
    needs: ["delete"],
    async run(fixture) {
      const { denyAll, store } = fixture;
      await seed(fixture, { f: "old" });
      await denyAll?.();
      for (const path of ["f", "no"]) {
        const expected = { is: PermissionDenied, path };
        await expectFailure(store.exists(path), expected);
        await expectFailure(store.delete(path, { missingOk: true }), expected);
        await expectFailure(store.deleteFolder(path, { missingOk: true }), expected);
      }
    },
  },
  {
    id: "denied.root",
    promise: "a refused listing of the root is PermissionDenied and not empty",
    hands,
    needs: ["list"],
    async run({ denyAll, store }) {
      await denyAll?.();
      const expected = { is: PermissionDenied, path: "" };
      await expectFailure(all(store.listFiles("")), expected);
      await expectFailure(all(store.iterChildren("")), expected);
      await expectFailure(store.getFolderInfo(""), expected);
    },
  },
  {
    id: "denied.source",
    promise: "a refused write is the backend's doing at any size, and lets go of its source",
    hands,
    needs: ["write"],
    async run({ denyAll, store }) {
      await denyAll?.();
      for (const size of sizes) {
        const source = Readable.from(pieces(size));
        const written = store.write("f", source, { overwrite: true });
        await expectFailure(written, { is: PermissionDenied, path: "f" });
        assert.equal(source.destroyed, true);
      }
    },
  },
];
