import { expect, test } from "vitest";
import type { Capability } from "../capability.ts";
import type { Written } from "../driver.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import { Store } from "../store.ts";

type Put = Parameters<MemoryDriver["put"]>;
type Copy = Parameters<MemoryDriver["copy"]>;

/** A driver that creates nothing atomically, and fails if it is asked to. */
class Racing extends MemoryDriver {
  override readonly capabilities: ReadonlySet<Capability> = new Set(
    [...new MemoryDriver().capabilities].filter((one) => !one.startsWith("atomic_")),
  );
  override put(...[key, body, options]: Put): Promise<Written> {
    if (options.condition === "absent") throw new DriverFailure({ kind: "unsupported" });
    return super.put(key, body, options);
  }
  override copy(...[from, to, options]: Copy): Promise<Written> {
    if (!options.overwrite) throw new DriverFailure({ kind: "unsupported" });
    return super.copy(from, to, options);
  }
}

for (const namespace of ["tree", "flat"] as const) {
  test(`without atomic_create a store looks before it writes, copies and moves: ${namespace}`, async () => {
    const store = Store.over(new Racing({ namespace }));
    await store.writeText("a", "old");
    await store.writeText("d/b", "old");
    const taken = { name: "AlreadyExists", path: "a" };
    await expect(store.writeText("a", "new")).rejects.toMatchObject(taken);
    await expect(store.copy("d/b", "a")).rejects.toMatchObject(taken);
    await expect(store.move("d/b", "a")).rejects.toMatchObject(taken);
    await expect(store.move("no", "a")).rejects.toMatchObject({ name: "NotFound", path: "no" });
    if (namespace === "tree") {
      const folder = { name: "InvalidPath", path: "d" };
      await expect(store.writeText("d", "new")).rejects.toMatchObject(folder);
      await expect(store.move("a", "d")).rejects.toMatchObject(folder);
      await expect(store.copy("d", "a")).rejects.toMatchObject(folder);
    }
    await store.copy("a", "a");
    await store.copy("a", "c");
    await store.move("c", "e");
    expect([await store.readText("a"), await store.readText("e")]).toEqual(["old", "old"]);
  });
}

test("a look that is refused is no licence to overwrite", async () => {
  const driver = new Racing();
  const store = Store.over(driver);
  await store.writeText("a", "old");
  driver.stat = () => Promise.reject(new DriverFailure({ kind: "forbidden" }));
  const denied = { name: "PermissionDenied", path: "a" };
  await expect(store.writeText("a", "new")).rejects.toMatchObject(denied);
  expect(await store.readText("a")).toBe("old");
});

test("atomic: require refuses what would be a race or in steps, and asks the backend nothing", async () => {
  const store = Store.over(new Racing());
  const lacking = (capability: string): object => ({ name: "CapabilityNotSupported", capability });
  const atomic = "require";
  for (const overwrite of [true, false]) {
    const written = store.writeText("a", "", { atomic, overwrite });
    await expect(written).rejects.toMatchObject(lacking("atomic_write"));
    const copied = store.copy("a", "b", { atomic, overwrite });
    await expect(copied).rejects.toMatchObject(lacking("atomic_write"));
    const moved = store.move("a", "b", { atomic, overwrite });
    await expect(moved).rejects.toMatchObject(lacking("atomic_move"));
  }
  const half = new (class extends Racing {
    override readonly capabilities = new Set<Capability>([
      ...new Racing().capabilities,
      "atomic_write",
      "atomic_move",
    ]);
  })();
  const halves = Store.over(half);
  await expect(halves.writeText("a", "", { atomic })).rejects.toMatchObject(
    lacking("atomic_create"),
  );
  await expect(halves.copy("a", "b", { atomic })).rejects.toMatchObject(lacking("atomic_create"));
  await expect(halves.move("a", "b", { atomic })).rejects.toMatchObject(
    lacking("atomic_move_create"),
  );
  await halves.writeText("a", "", { atomic, overwrite: true });
  await halves.copy("a", "b", { atomic, overwrite: true });
  await halves.move("a", "b", { atomic, overwrite: true });
  const whole = Store.over(new MemoryDriver());
  await whole.writeText("a", "", { atomic });
  await whole.copy("a", "b", { atomic });
  await whole.move("a", "c", { atomic });
});

test("a move by copy and deletion deletes nothing that was written after the copy", async () => {
  const driver = new MemoryDriver({ namespace: "flat" });
  const copying = new Proxy(driver, {
    has: (target, name) => name !== "rename" && Reflect.has(target, name),
    get: (target, name) => {
      if (name === "copy") {
        return async (...parameters: Copy): Promise<Written> => {
          const written = await target.copy(...parameters);
          await target.put("a", Buffer.from("new"), {});
          return written;
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const store = Store.over(copying);
  await store.writeText("a", "old");
  const stays = { name: "PreconditionFailed", path: "a", message: expect.stringContaining("copy") };
  await expect(store.move("a", "b")).rejects.toMatchObject(stays);
  expect([await store.readText("a"), await store.readText("b")]).toEqual(["new", "old"]);
});
