import { test } from "vitest";
import type { Fixture } from "../conformance/cell.ts";
import { conformance } from "../conformance/conformance.ts";
import { Store } from "../store.ts";
import { MemoryDriver } from "./memory-driver.ts";

for (const namespace of ["tree", "flat"] as const) {
  const make = async (): Promise<Fixture> => {
    const driver = new MemoryDriver({ namespace });
    const store = Store.over(driver);
    return { driver, store, leftovers: async () => [], end: async () => {} };
  };
  await conformance({ name: `memory, ${namespace}`, make }, test);
}
