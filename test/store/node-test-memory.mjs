// The conformance suite under `node --test`, as the author of a driver would register it.
import { test } from "node:test";
import { MemoryDriver, Store } from "@holdfast/store";
import { conformance } from "@holdfast/store/conformance";

const noWire = "it has no wire";

async function make() {
  const driver = new MemoryDriver();
  const store = Store.over(driver);
  return { driver, store, leftovers: async () => [], end: async () => {} };
}

const without = {
  denyAll: "it refuses nobody",
  dropContainer: "it is its own container",
  "refused-keys": noWire,
  reset: noWire,
  throttled: noWire,
  truncated: noWire,
  unavailable: noWire,
};
await conformance({ name: "memory", make, without }, test);
