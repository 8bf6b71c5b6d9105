import assert from "node:assert/strict";
import { inspect } from "node:util";
import type { Cell } from "./cell.ts";

const paths: readonly string[] = ["f", "a/b/c", "a b/ü/%41", "..a/b..", "[*]/?"];

/** What a driver says of itself. */
export const identity: readonly Cell[] = [
  {
    id: "identity.driver",
    promise: "a driver has a name, a namespace, and capabilities that its store repeats",
    async run({ driver, store }) {
      assert.match(driver.name, /\S/);
      assert.ok(driver.namespace === "flat" || driver.namespace === "tree");
      for (const capability of driver.capabilities) assert.equal(store.supports(capability), true);
      assert.equal(store.resolve("f").backend, driver.name);
    },
  },
  {
    id: "identity.resolve",
    promise: "a path leads to one key and the key back to the path, without asking the backend",
    async run({ store }) {
      for (const path of paths) {
        const { key } = store.resolve(path);
        assert.equal(store.resolve(path).key, key);
        assert.equal(store.resolve(`/${path}//.`).key, key);
        assert.equal(store.toKey(key), path);
      }
      assert.equal(store.toKey(store.resolve("").key), "");
      assert.equal(new Set(paths.map((path) => store.resolve(path).key)).size, paths.length);
    },
  },
  {
    id: "identity.secret",
    promise: "neither a driver nor its store shows a secret when it is printed",
    async run({ driver, store }, { secrets = [] }) {
      const printed = [driver, store, store.resolve("f")].flatMap((value) => [
        inspect(value, { depth: 10, showHidden: true }),
        JSON.stringify(value),
      ]);
      for (const secret of secrets) {
        assert.ok(!printed.some((text) => text.includes(secret)), "a secret is printed");
      }
    },
  },
  {
    id: "guard.ping",
    promise: "a backend that is there answers a ping",
    async run({ store }) {
      await store.ping();
      await store.child("no/such").ping();
    },
  },
];
