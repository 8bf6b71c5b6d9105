import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Closed } from "../errors/added-classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { calls } from "./calls.ts";
import type { Cell } from "./cell.ts";
import { filled, sizes } from "./content.ts";
import { all, expectFailure } from "./expect-failure.ts";
import { seed } from "./seed.ts";

/** Closing a store. */
export const lifetime: readonly Cell[] = [
  {
    id: "closed",
    promise: "after close every method fails as Closed, the root's and the children's too",
    async run({ store }) {
      const child = store.child("d");
      await store.close();
      await store.close();
      for (const one of [store, child]) {
        for (const { go, operation } of calls) {
          for (const path of ["f", "", ".."]) {
            const error = await expectFailure(go(one, path), { is: Closed, operation });
            assert.equal(error.retryable, false);
          }
        }
        await expectFailure(one.ping(), { is: Closed });
        await expectFailure(all(one.glob("*")), { is: Closed });
      }
    },
  },
  {
    id: "closed.child",
    promise: "a child that is closed ends nothing, neither itself nor its store",
    async run(fixture) {
      await seed(fixture, { "d/f": "old" });
      const child = fixture.store.child("d");
      await child.close();
      assert.equal(await child.isFile("f"), true);
      assert.equal(await fixture.store.isFile("d/f"), true);
    },
  },
  {
    id: "closed.streams",
    promise: "a stream that is read while its store is closed is whole or fails, never short",
    needs: ["read"],
    async run(fixture) {
      const size = sizes.at(-1) ?? 0;
      await seed(fixture, { f: filled(size, 1) });
      const stream = await fixture.store.read("f");
      const iterator = stream[Symbol.asyncIterator]();
      let bytes = (await iterator.next()).value?.byteLength ?? 0;
      await fixture.store.close();
      const readOn = async (): Promise<void> => {
        for (;;) {
          const step = await iterator.next();
          if (step.done === true) return;
          bytes += step.value.byteLength;
        }
      };
      const error: unknown = await readOn().catch((failed: unknown) => failed);
      if (error === undefined) assert.equal(bytes, size);
      else assert.ok(RemoteStoreError.is(error), inspect(error));
    },
  },
];
