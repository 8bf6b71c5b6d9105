import assert from "node:assert/strict";
import { CapabilityNotSupported, InvalidPath } from "../errors/classes.ts";
import { isUnwrappable } from "../driver.ts";
import type { Cell } from "./cell.ts";
import { seed } from "./seed.ts";

class Unheard {
  readonly isOfNoBackend = true;
}

/** What others are let do, and what is given out of a store. */
export const sharing: readonly Cell[] = [
  {
    id: "presign.get",
    promise: "whoever has a signed request reads the file with it, and does nothing else",
    needs: ["read", "write"],
    protocols: ["presign"],
    async run(fixture) {
      const { store } = fixture;
      await seed(fixture, { "d/a b%41": "shared" });
      const { method, url, headers, expiresAt } = await store.presignGet("d/a b%41");
      assert.equal(method, "GET");
      assert.ok(expiresAt > new Date());
      const answer = await fetch(url, { headers });
      assert.equal(await answer.text(), "shared");
      const written = await fetch(url, { method: "PUT", headers, body: "new" });
      assert.equal(written.ok, false);
      assert.equal(await store.readText("d/a b%41"), "shared");
    },
  },
  {
    id: "presign.put",
    promise: "whoever has a signed request writes the file with it",
    needs: ["read", "write"],
    protocols: ["presign"],
    async run({ store }) {
      const { method, url, headers } = await store.presignPut("d/new");
      const answer = await fetch(url, { method, headers, body: "from elsewhere" });
      assert.equal(answer.ok, true);
      assert.equal(await store.readText("d/new"), "from elsewhere");
    },
  },
  {
    id: "unwrap.driver",
    promise: "a store gives out its driver by the class of it, and nothing by another",
    async run({ driver, store }) {
      const of = driver.constructor;
      assert.ok(isClass(of));
      assert.equal(store.unwrap(of), driver);
      for (const one of [store, store.child("d")]) {
        assert.throws(
          () => one.unwrap(Unheard),
          (error) => CapabilityNotSupported.is(error) && error.capability === "unwrap",
        );
      }
      assert.throws(() => store.resolve(".."), InvalidPath);
    },
  },
  {
    id: "unwrap.native",
    promise: "a store gives out what is beneath its driver by the class of it",
    protocols: ["native"],
    async run({ driver, store }) {
      assert.ok(isUnwrappable(driver));
      const of = driver.native.constructor;
      assert.ok(isClass(of));
      assert.equal(store.unwrap(of), driver.native);
    },
  },
];

function isClass(value: unknown): value is new (...parameters: never[]) => object {
  return typeof value === "function";
}
