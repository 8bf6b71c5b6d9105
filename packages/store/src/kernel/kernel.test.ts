import { expect, test } from "vitest";
import { all } from "../conformance/expect-failure.ts";
import type { ListPage, OpenedFile } from "../driver.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { DriverFailure, type FailureKind } from "../errors/driver-failure.ts";
import { Store } from "../store.ts";

type Method = "copy" | "delete" | "get" | "listPage" | "put" | "rename" | "stat";

/** A store in memory whose driver fails the next calls as told, and counts all of them. */
class FaultyDriver extends MemoryDriver {
  readonly calls: Method[] = [];
  readonly faults = new Map<Method, FailureKind>();

  override stat(...parameters: Parameters<MemoryDriver["stat"]>): ReturnType<MemoryDriver["stat"]> {
    return this.#called("stat") ?? super.stat(...parameters);
  }
  override get(...parameters: Parameters<MemoryDriver["get"]>): ReturnType<MemoryDriver["get"]> {
    return this.#called("get") ?? super.get(...parameters);
  }
  override put(...parameters: Parameters<MemoryDriver["put"]>): ReturnType<MemoryDriver["put"]> {
    return this.#called("put") ?? super.put(...parameters);
  }
  override delete(...parameters: Parameters<MemoryDriver["delete"]>): Promise<void> {
    return this.#called("delete") ?? super.delete(...parameters);
  }
  override listPage(...parameters: Parameters<MemoryDriver["listPage"]>): Promise<ListPage> {
    return this.#called("listPage") ?? super.listPage(...parameters);
  }

  #called(method: Method): Promise<never> | undefined {
    this.calls.push(method);
    const kind = this.faults.get(method);
    return kind && Promise.reject(new DriverFailure({ kind, message: `${method} failed.` }));
  }
}

function faulty(namespace: "flat" | "tree" = "flat"): { driver: FaultyDriver; store: Store } {
  const driver = new FaultyDriver({ namespace });
  return { driver, store: Store.over(driver) };
}

test("a call that succeeds asks the backend once", async () => {
  const { driver, store } = faulty();
  await store.writeText("d/f", "x");
  await store.readText("d/f");
  await store.getFileInfo("d/f");
  await all(store.listFiles("d"));
  await store.delete("d/f");
  expect(driver.calls).toEqual(["put", "get", "stat", "listPage", "delete"]);
});

test("a malformed path, the root and a missing capability ask the backend nothing", async () => {
  const { driver, store } = faulty();
  await expect(store.read("..")).rejects.toMatchObject({ name: "InvalidPath" });
  await expect(store.read("")).rejects.toMatchObject({ name: "InvalidPath" });
  expect(await store.isFolder("")).toBe(true);
  expect(driver.calls).toEqual([]);
});

test("a probe that is refused is the answer where it decides one", async () => {
  const { driver, store } = faulty();
  driver.faults.set("stat", "forbidden");
  const denied = { name: "PermissionDenied", path: "k" };
  await expect(store.exists("k")).rejects.toMatchObject(denied);
  await expect(store.isFolder("k")).rejects.toMatchObject(denied);
  await expect(store.getFolderInfo("k")).rejects.toMatchObject(denied);
  await expect(store.deleteFolder("k", { missingOk: true })).rejects.toMatchObject(denied);
  driver.faults.clear();
  driver.faults.set("listPage", "forbidden");
  await expect(store.exists("k")).rejects.toMatchObject(denied);
});

test("a probe that is refused leaves a failure as it is where it only refines it", async () => {
  const { driver, store } = faulty();
  driver.faults.set("listPage", "forbidden");
  await expect(store.read("k")).rejects.toMatchObject({ name: "NotFound", path: "k" });
  await expect(store.delete("k")).rejects.toMatchObject({ name: "NotFound" });
  await store.delete("k", { missingOk: true });
});

test("missingOk forgives absence and no other failure", async () => {
  const { driver, store } = faulty();
  for (const kind of ["forbidden", "unavailable", "unauthenticated", "unknown"] as const) {
    driver.faults.set("delete", kind);
    await expect(store.delete("k", { missingOk: true })).rejects.toMatchObject({ path: "k" });
  }
});

test("a container that vanishes after the first page fails a listing; one that was never there is empty", async () => {
  const { driver, store } = faulty();
  for (let index = 0; index < 1001; index += 1) await store.writeText(`d/${index}`, "");
  driver.faults.set("listPage", "not-found");
  expect(await all(store.listFiles("d"))).toEqual([]);
  driver.faults.clear();
  const vanishing = new (class extends FaultyDriver {
    override async listPage(): Promise<ListPage> {
      const entries = [{ kind: "file" as const, key: "d/1", size: 1 }];
      return { entries, next: () => Promise.reject(new DriverFailure({ kind: "not-found" })) };
    }
  })();
  const listing = Store.over(vanishing).listFiles("d");
  expect((await listing.next()).value).toMatchObject({ path: "d/1" });
  const error = { name: "NotFound", operation: "listFiles", path: "d" };
  await expect(listing.next()).rejects.toMatchObject(error);
});

test("a failure after the first byte is as typed as one before it, and the backend is let go of", async () => {
  let returned = 0;
  const driver = new (class extends FaultyDriver {
    override async get(): Promise<OpenedFile> {
      const steps = [Promise.resolve({ done: false as const, value: Buffer.from("a") })];
      const iterator = {
        next: () => steps.shift() ?? Promise.reject(new DriverFailure({ kind: "modified" })),
        return: async () => {
          returned += 1;
          return { done: true as const, value: undefined };
        },
      };
      const body = { [Symbol.asyncIterator]: () => iterator };
      return { stat: { kind: "file", size: 2 }, body };
    }
  })();
  const store = Store.over(driver);
  const error = { name: "ModifiedDuringRead", path: "k", backend: "memory" };
  await expect(store.readBytes("k")).rejects.toMatchObject({ ...error, operation: "readBytes" });
  await expect(all(await store.read("k"))).rejects.toMatchObject({ ...error, operation: "read" });
  expect(returned).toBe(2);
});

test("ERR-006: what a backend lacks is CapabilityNotSupported before it is asked anything", async () => {
  const driver = new (class extends FaultyDriver {
    override readonly capabilities = new Set(["read", "write", "delete"] as const);
  })();
  const store = Store.over(driver);
  const lacking = (capability: string): object => ({ name: "CapabilityNotSupported", capability });
  const atomic = store.writeAtomic("k", new Uint8Array(), { overwrite: true });
  await expect(atomic).rejects.toMatchObject(lacking("atomic_write"));
  await expect(store.openAtomic("k")).rejects.toMatchObject(lacking("atomic_write"));
  await expect(store.copy("k", "l")).rejects.toMatchObject(lacking("copy"));
  const deletion = store.delete("k", { ifMatch: "e" });
  await expect(deletion).rejects.toMatchObject(lacking("conditional_delete"));
  await expect(store.getFileInfo("k")).rejects.toMatchObject(lacking("metadata"));
  await expect(all(store.listFiles(""))).rejects.toMatchObject(lacking("list"));
  const required = store.writeText("k", "", { atomic: "require" });
  await expect(required).rejects.toMatchObject(lacking("atomic_write"));
  const swap = store.writeText("k", "", { ifMatch: "e" });
  await expect(swap).rejects.toMatchObject(lacking("conditional_write"));
  const metadata = { by: "ann" };
  for (const options of [{ metadata }, { contentType: "text/csv" }]) {
    const written = store.writeText("k", "", { ...options, overwrite: true });
    await expect(written).rejects.toMatchObject(lacking("user_metadata"));
  }
  expect(store.supports("copy")).toBe(false);
  expect(driver.calls).toEqual([]);
  await store.writeText("k", "", { overwrite: true, metadata: {} });
  expect(driver.calls).toEqual(["put"]);
});

test("what backends would change of metadata or refuse is refused before they are asked", async () => {
  const { driver, store } = faulty();
  const refused: readonly Readonly<Record<string, string>>[] = [
    { "a b": "x" },
    { "": "x" },
    { a: "1", A: "2" },
    { a: "\ud800" },
    { a: "x".repeat(2048) },
  ];
  for (const metadata of refused) {
    const written = store.writeText("k", "", { metadata });
    await expect(written).rejects.toMatchObject({ name: "RemoteStoreError", path: "k" });
  }
  await expect(store.writeText("k", "", { contentType: "a\nb" })).rejects.toThrow("content type");
  expect(driver.calls).toEqual([]);
  await store.writeText("k", "", { metadata: { a: "x".repeat(2047) } });
});

test("ERR-007: an outage is BackendUnavailable to every call, with the backend's name", async () => {
  const { driver, store } = faulty();
  for (const method of ["delete", "get", "listPage", "put", "stat"] as const) {
    driver.faults.set(method, "unavailable");
  }
  const outage = { name: "BackendUnavailable", backend: "memory", retryable: true };
  await expect(store.read("k")).rejects.toMatchObject(outage);
  await expect(store.writeText("k", "")).rejects.toMatchObject(outage);
  await expect(store.delete("k")).rejects.toMatchObject(outage);
  await expect(store.exists("k")).rejects.toMatchObject(outage);
  await expect(store.getFileInfo("k")).rejects.toMatchObject(outage);
  await expect(all(store.listFiles("k"))).rejects.toMatchObject(outage);
});

test("a move whose copy was made and whose source stays says so", async () => {
  const driver = new FaultyDriver();
  await Store.over(driver).writeText("k", "x");
  const copying = new Proxy(driver, {
    has: (target, name) => name !== "rename" && Reflect.has(target, name),
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const store = Store.over(copying);
  driver.faults.set("delete", "forbidden");
  const stays = { name: "PermissionDenied", path: "k", message: expect.stringContaining("copy") };
  await expect(store.move("k", "l")).rejects.toMatchObject(stays);
  expect([await store.exists("k"), await store.exists("l")]).toEqual([true, true]);
});
