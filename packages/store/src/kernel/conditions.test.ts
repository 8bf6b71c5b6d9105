import { expect, test } from "vitest";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { Store } from "../store.ts";

/** A driver in memory without some of its methods. */
function without(driver: MemoryDriver, ...missing: readonly string[]): MemoryDriver {
  return new Proxy(driver, {
    has: (target, name) => !missing.includes(String(name)) && Reflect.has(target, name),
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

const drivers: Readonly<Record<string, () => MemoryDriver>> = {
  "a tree": () => new MemoryDriver(),
  "a flat one": () => new MemoryDriver({ namespace: "flat" }),
  "one that does not rename": () => without(new MemoryDriver(), "rename"),
};

const attributes = { contentType: "text/csv", metadata: { by: "ann", "x-note": "ü" } };

test.each(Object.entries(drivers))(
  "ifMatch on %s deletes, copies and moves that file and no other",
  async (_, make) => {
    const store = Store.over(make());
    const { etag: old } = await store.writeText("a", "old");
    const { etag: ifMatch } = await store.writeText("a", "new", { overwrite: true });
    const failed = { name: "PreconditionFailed", path: "a", ambiguous: false };
    const stale = { ifMatch: old, overwrite: true };
    await expect(store.delete("a", stale)).rejects.toMatchObject(failed);
    for (const overwrite of [true, false]) {
      await expect(store.copy("a", "b", { ...stale, overwrite })).rejects.toMatchObject(failed);
      await expect(store.move("a", "b", { ...stale, overwrite })).rejects.toMatchObject(failed);
      await expect(store.move("a", "a", { ...stale, overwrite })).rejects.toMatchObject(failed);
    }
    expect(await store.exists("b")).toBe(false);
    await store.copy("a", "b", { ifMatch });
    const taken = { name: "AlreadyExists", path: "b" };
    await expect(store.copy("a", "b", { ifMatch })).rejects.toMatchObject(taken);
    await expect(store.move("a", "b", { ifMatch })).rejects.toMatchObject(taken);
    await store.move("a", "c", { ifMatch });
    expect([await store.readText("b"), await store.readText("c")]).toEqual(["new", "new"]);
    const { etag: last } = await store.getFileInfo("c");
    await store.delete("c", { ifMatch: last });
    await store.delete("c", { ifMatch: last, missingOk: true });
    const missing = { name: "NotFound", path: "c" };
    await expect(store.delete("c", { ifMatch: last })).rejects.toMatchObject(missing);
    await expect(store.copy("c", "d", { ifMatch: last })).rejects.toMatchObject(missing);
  },
);

test.each(Object.entries(drivers))(
  "a content type and metadata of %s come back, and go along with copies and moves",
  async (_, make) => {
    const store = Store.over(make());
    await store.writeText("a", "x", { ...attributes, metadata: { By: "ann", "X-Note": "ü" } });
    expect(await store.getFileInfo("a")).toMatchObject(attributes);
    await using stream = await store.read("a");
    expect(stream.info).toMatchObject(attributes);
    await store.copy("a", "b");
    await store.move("b", "c");
    expect(await store.getFileInfo("c")).toMatchObject(attributes);
    await store.writeText("a", "y", { overwrite: true });
    expect((await store.getFileInfo("a")).metadata).toEqual({});
  },
);
