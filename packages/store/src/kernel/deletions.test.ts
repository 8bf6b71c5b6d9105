import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import type { DeleteFailure } from "../driver.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import { Store } from "../store.ts";

/** Deletes one by one, and slowly; what is named so is refused. */
class OneByOne extends MemoryDriver {
  under = 0;
  underMost = 0;
  override async delete(...parameters: Parameters<MemoryDriver["delete"]>): Promise<void> {
    this.under += 1;
    this.underMost = Math.max(this.under, this.underMost);
    await wait(1);
    this.under -= 1;
    if (parameters[0].endsWith("refused")) throw new DriverFailure({ kind: "forbidden" });
    return super.delete(...parameters);
  }
}

/** The same, without the method that deletes many. */
function oneByOne(namespace: "flat" | "tree"): OneByOne {
  return new Proxy(new OneByOne({ namespace }), {
    has: (target, name) => name !== "deleteMany" && Reflect.has(target, name),
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Deletes a thousand at a time; what is named so is refused. */
class AtOnce extends MemoryDriver {
  readonly asked: number[] = [];
  override async deleteMany(keys: readonly string[]): Promise<readonly DeleteFailure[]> {
    this.asked.push(keys.length);
    const refused = keys.filter((key) => key.endsWith("refused"));
    const failures = await super.deleteMany(keys.filter((key) => !refused.includes(key)));
    const error = new DriverFailure({ kind: "forbidden", code: "AccessDenied" });
    return [...failures, ...refused.map((key) => ({ key, error }))];
  }
}

const drivers: Readonly<Record<string, () => MemoryDriver>> = {
  "a tree, one by one": () => oneByOne("tree"),
  "a flat one, one by one": () => oneByOne("flat"),
  "a tree, at once": () => new AtOnce(),
  "a flat one, at once": () => new AtOnce({ namespace: "flat" }),
};

test.each(Object.entries(drivers))("each path has its outcome, in order: %s", async (_, make) => {
  const store = Store.over(make()).child("root");
  for (const path of ["a", "b", "refused"]) await store.writeText(path, "");
  const outcomes = await store.deleteMany(["b", "refused", "no/such", "../x", "", "a", "b", "a/b"]);
  const denied = { name: "PermissionDenied", path: "refused", operation: "deleteMany" };
  expect(outcomes).toMatchObject([
    { path: "b", deleted: true },
    { path: "refused", deleted: false, error: denied },
    { path: "no/such", deleted: true },
    { path: "../x", deleted: false, error: { name: "InvalidPath", path: "../x" } },
    { path: "", deleted: false, error: { name: "InvalidPath", path: "" } },
    { path: "a", deleted: true },
    { path: "b", deleted: true },
    { path: "a/b", deleted: true },
  ]);
  expect([await store.exists("a"), await store.exists("refused")]).toEqual([false, true]);
});

test("a folder of a tree is InvalidPath and keeps what is in it", async () => {
  for (const driver of [new AtOnce(), oneByOne("tree")]) {
    const store = Store.over(driver);
    await store.writeText("d/f", "");
    const [outcome] = await store.deleteMany(["d"]);
    expect(outcome).toMatchObject({ deleted: false, error: { name: "InvalidPath", path: "d" } });
    expect(await store.exists("d/f")).toBe(true);
  }
});

test("many go a thousand at a time where the backend can, else so many at once as is said", async () => {
  const paths = Array.from({ length: 2500 }, (_, index) => `d/${index}`);
  const driver = new AtOnce();
  expect(await Store.over(driver).deleteMany(paths)).toHaveLength(2500);
  expect(driver.asked).toEqual([1000, 1000, 500]);
  const slow = oneByOne("tree");
  await Store.over(slow).deleteMany(paths.slice(0, 50), { concurrency: 3 });
  expect(slow.underMost).toBe(3);
  const none = Store.over(slow).deleteMany([], { concurrency: 0 });
  await expect(none).rejects.toThrow("concurrency");
  expect(await Store.over(slow).deleteMany([])).toEqual([]);
});

test("a request that fails as a whole is the outcome of each of its paths", async () => {
  const driver = new AtOnce();
  driver.deleteMany = () => Promise.reject(new DriverFailure({ kind: "unavailable" }));
  const error = { name: "BackendUnavailable", retryable: true };
  expect(await Store.over(driver).deleteMany(["a", "b"])).toMatchObject([
    { path: "a", deleted: false, error: { ...error, path: "a" } },
    { path: "b", deleted: false, error: { ...error, path: "b" } },
  ]);
});

test("once the signal is aborted nothing more is begun, and what was deleted is told of", async () => {
  const driver = oneByOne("tree");
  const store = Store.over(driver);
  const paths = ["a", "b", "c", "d"];
  for (const path of paths) await store.writeText(path, "");
  const ending = new AbortController();
  const deleting = store.deleteMany(paths, { signal: ending.signal, concurrency: 1 });
  ending.abort(new Error("enough"));
  const outcomes = await deleting;
  expect(outcomes.map(({ deleted }) => deleted)).toEqual([true, false, false, false]);
  expect(outcomes[3]).toMatchObject({ error: { name: "Aborted", path: "d" } });
  expect(await store.exists("b")).toBe(true);
  const late = store.deleteMany(paths, { signal: ending.signal });
  await expect(late).rejects.toMatchObject({ name: "Aborted" });
});
