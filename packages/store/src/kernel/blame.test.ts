import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import type { DriverDeleteOptions, FolderDriver, Written } from "../driver.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import { retrying } from "../extensions/retrying-store.ts";
import { transfer } from "../extensions/transfer.ts";
import { Store } from "../store.ts";

/** Refuses a write while it waits for more of it. */
class RefusingReader extends MemoryDriver {
  override async put(_key: string, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Written> {
    if (body instanceof Uint8Array) throw new DriverFailure({ kind: "forbidden" });
    const pieces = body[Symbol.asyncIterator]();
    await pieces.next();
    const ahead = pieces.next().catch(() => undefined);
    await wait(5);
    await pieces.return?.();
    await ahead;
    await wait(5);
    throw new DriverFailure({ kind: "forbidden" });
  }
}

test("a source that fails because it was let go of is not why the write failed", async () => {
  const store = Store.over(new RefusingReader());
  let pieces = 0;
  const source = new Readable({
    read() {
      pieces += 1;
      if (pieces === 1) this.push("x");
    },
    destroy(_error, done) {
      done(new Error("it was destroyed"));
    },
  });
  await expect(store.write("f", source)).rejects.toMatchObject({ name: "PermissionDenied" });
});

test("nor is a store that a transfer has let go of", async () => {
  class Endless extends MemoryDriver {
    override async get(): ReturnType<MemoryDriver["get"]> {
      let letGo: (error: Error) => void = () => undefined;
      const broken = new Promise<never>((_, reject) => {
        letGo = reject;
      });
      broken.catch(() => undefined);
      const pieces = [new Uint8Array(1)];
      return {
        stat: { kind: "file", size: 2 },
        body: {
          [Symbol.asyncIterator]: () => ({
            next: async () => {
              const value = pieces.pop();
              return value === undefined ? broken : { done: false, value };
            },
            return: async () => {
              letGo(new Error("it was ended"));
              return { done: true, value: undefined };
            },
          }),
        },
      };
    }
  }
  const [from, to] = [Store.over(new Endless()), Store.over(new RefusingReader())];
  const carried = transfer({ store: from, path: "a" }, { store: to, path: "b" });
  await expect(carried).rejects.toMatchObject({ name: "PermissionDenied", path: "b" });
});

test("what is no bytes is refused by a writer, and not stored as zeros", async () => {
  const store = Store.over(new MemoryDriver());
  await using writer = await store.openAtomic("f");
  const write: (bytes: never) => Promise<void> = (bytes) => writer.write(bytes);
  for (const odd of ["text", undefined, [1], new ArrayBuffer(1)]) {
    const written: Promise<void> = Reflect.apply(write, undefined, [odd]);
    await expect(written).rejects.toThrow(TypeError);
  }
  await writer.write(Buffer.from("text"));
  await writer.commit();
  expect(await store.readText("f")).toBe("text");
});

test("paths that cannot be told are a failure of their source, and not of the backend", async () => {
  const store = Store.over(new MemoryDriver());
  await store.writeText("a", "");
  const cause = Object.assign(new Error("ENOENT"), { code: "ENOENT" });
  function* paths(): Generator<string> {
    yield "a";
    throw cause;
  }
  await expect(store.deleteMany(paths())).rejects.toMatchObject({ name: "SourceFailed", cause });
  expect(await store.exists("a")).toBe(true);
});

/** Copies, and refuses its first deletion as one that may be tried again. */
class Copying extends MemoryDriver {
  deletions = 0;
  override async delete(key: string, options: DriverDeleteOptions): Promise<void> {
    this.deletions += 1;
    if (this.deletions === 1) throw new DriverFailure({ kind: "throttled" });
    return super.delete(key, options);
  }
}

test("a move whose copy was made is not tried again where the copy would be in its way", async () => {
  const driver = new Proxy(new Copying({ namespace: "flat" }), {
    has: (target, name) => name !== "rename" && Reflect.has(target, name),
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const store = retrying(Store.over(driver), { baseDelay: 0, maxDelay: 0 });
  await store.writeText("a", "x");
  const half = { name: "Throttled", path: "a", retryable: false };
  await expect(store.move("a", "b")).rejects.toMatchObject(half);
  expect([await store.exists("a"), await store.exists("b")]).toEqual([true, true]);
  driver.deletions = 0;
  await store.move("a", "b", { overwrite: true });
  expect([await store.exists("a"), await store.exists("b")]).toEqual([false, true]);
});

test("a folder that another deletes meanwhile is forgiven where a missing one is", async () => {
  class Gone extends MemoryDriver implements FolderDriver {
    kind: "invalid-path" | "not-found" = "not-found";
    async deleteFolder(): Promise<void> {
      throw new DriverFailure({ kind: this.kind });
    }
  }
  const driver = new Gone();
  const store = Store.over(driver);
  await store.writeText("d/f", "");
  await store.deleteFolder("d", { recursive: true, missingOk: true });
  const gone = store.deleteFolder("d", { recursive: true });
  await expect(gone).rejects.toMatchObject({ name: "NotFound", path: "d" });
  driver.kind = "invalid-path";
  const refused = store.deleteFolder("d", { recursive: true, missingOk: true });
  await expect(refused).rejects.toMatchObject({ name: "InvalidPath", path: "d" });
});
