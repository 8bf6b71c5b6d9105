import { expect, test } from "vitest";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { Store } from "../store.ts";
import { cached } from "./cached-store.ts";
import { faulty } from "./faults/faulty-store.ts";
import { all } from "./faults/store-kinds.ts";
import { MemoryCache } from "./memory-cache.ts";
import { observed } from "./observed-store.ts";
import { retrying } from "./retrying-store.ts";
import type { StoreLike } from "./store-like.ts";

type Call = (store: StoreLike) => unknown;

async function once(text: string): Promise<Blob> {
  return new Blob([text]);
}

async function* listed(items: AsyncIterable<{ readonly path: string }>): AsyncGenerator<string> {
  for await (const { path } of items) yield path;
}

/** Calls of every method, each on what the ones before it left. */
const calls = {
  writeText: [
    (store) => store.writeText("a", "one"),
    (store) => store.writeText("a", "two"),
    (store) => store.writeText("d/b", "two", { contentType: "text/plain", metadata: { k: "v" } }),
  ],
  write: [
    async (store) => store.write("c", await once("three"), { overwrite: true }),
    (store) => store.write("c", Buffer.from("x"), { ifMatch: "other" }),
  ],
  writeAtomic: [(store) => store.writeAtomic("d/e/f", Buffer.from("[4]"))],
  openAtomic: [
    async (store) => {
      await using writer = await store.openAtomic("g", { overwrite: true });
      await writer.write(Buffer.from("five"));
      return writer.commit();
    },
    async (store) => {
      const writer = await store.openAtomic("never");
      await writer.write(Buffer.from("x"));
      await writer.abort();
    },
  ],
  read: [
    async (store) => (await store.read("a", { offset: 1, length: 1 })).bytes(),
    async (store) => (await store.read("d/b")).info,
    (store) => store.read("d"),
    (store) => store.read("a", { offset: -1 }),
  ],
  readBytes: [(store) => store.readBytes("a"), (store) => store.readBytes("no")],
  readText: [(store) => store.readText("./a", { length: 2 }), (store) => store.readText("..")],
  readJson: [(store) => store.readJson("d/e/f"), (store) => store.readJson("a")],
  readSeekable: [
    async (store) => {
      await using file = await store.readSeekable("c");
      return [file.info, await file.read(1, 3)];
    },
    (store) => store.readSeekable("d"),
  ],
  exists: [(store) => store.exists("d"), (store) => store.exists("no")],
  isFile: [(store) => store.isFile("a"), (store) => store.isFile("d")],
  isFolder: [(store) => store.isFolder("a"), (store) => store.isFolder("d")],
  getFileInfo: [(store) => store.getFileInfo("d/b"), (store) => store.getFileInfo("no")],
  getFolderInfo: [(store) => store.getFolderInfo("d"), (store) => store.getFolderInfo("no")],
  listFiles: [
    (store) => all(listed(store.listFiles("", { recursive: true, pattern: "?" }))),
    (store) => all(listed(store.listFiles("", { maxDepth: -1 }))),
  ],
  listFolders: [(store) => all(listed(store.listFolders("", { pattern: "d*" })))],
  iterChildren: [(store) => all(listed(store.iterChildren("d")))],
  glob: [(store) => all(listed(store.glob("**/f")))],
  copy: [
    (store) => store.copy("a", "d/copy"),
    (store) => store.copy("a", "d/copy"),
    (store) => store.copy("no", "x", { overwrite: true }),
  ],
  move: [
    (store) => store.move("d/copy", "moved"),
    (store) => store.move("a", "moved", { overwrite: false }),
    (store) => store.move("a", "moved", { ifMatch: "other", overwrite: true }),
  ],
  delete: [
    (store) => store.delete("moved"),
    (store) => store.delete("moved"),
    (store) => store.delete("moved", { missingOk: true }),
    (store) => store.delete("a", { ifMatch: "other" }),
  ],
  deleteMany: [(store) => store.deleteMany(["g", "no", "../x"].values())],
  deleteFolder: [
    (store) => store.deleteFolder("d"),
    (store) => store.deleteFolder("d/e", { recursive: true }),
    (store) => store.deleteFolder("no", { missingOk: true }),
  ],
  presignGet: [(store) => store.presignGet("a", { expiresIn: 5 })],
  presignPut: [(store) => store.presignPut("a", { expiresIn: 5 })],
  ping: [(store) => store.ping()],
  supports: [(store) => [store.supports("copy"), store.supports("atomic_move")]],
  child: [
    (store) => store.child("d").readText("b"),
    (store) => store.child("d").writeText("../x", ""),
  ],
  resolve: [(store) => store.resolve("d//b"), (store) => store.resolve("..")],
  toKey: [(store) => store.toKey("d/b"), (store) => store.child("d").toKey("a")],
  unwrap: [
    (store) => store.unwrap(MemoryDriver).name,
    (store) => store.unwrap(RemoteStoreError).name,
  ],
  close: [(store) => store.close(), (store) => store.readText("a"), (store) => store.ping()],
} satisfies Readonly<Record<string, readonly Call[]>>;

async function outcomeOf(call: Call, store: StoreLike): Promise<unknown> {
  try {
    return { result: await call(store) };
  } catch (error) {
    if (!RemoteStoreError.is(error)) throw error;
    const { name, path, operation, message, backend } = error;
    return { error: { name, path, operation, message, backend } };
  }
}

const layers: Readonly<Record<string, (store: StoreLike) => StoreLike>> = {
  observed: (store) => observed(store, () => {}),
  retrying: (store) => retrying(store),
  faulty: (store) => faulty(store, () => undefined),
  cached: (store) => cached(store, { cache: new MemoryCache() }),
  "all of them": (store) =>
    observed(cached(retrying(observed(store, () => {})), { cache: new MemoryCache() }), () => {}),
};

/** What two stores cannot have in common, and what the cache asks in another's name. */
function comparable(outcome: unknown, isCached: boolean): unknown {
  const hidden = new Set(["modifiedAt", "expiresAt", ...(isCached ? ["operation"] : [])]);
  return JSON.parse(
    JSON.stringify(outcome, (key, value: unknown) => (hidden.has(key) ? undefined : value)),
  );
}

test("every method of a store is asked for below", () => {
  const methods = Reflect.ownKeys(Store.prototype).filter((key) => typeof key === "string");
  expect(Object.keys(calls).toSorted()).toEqual(
    methods.filter((name) => name !== "constructor").toSorted(),
  );
});

test.each(Object.keys(layers))(
  "a store with a layer around it comes to what it comes to without: %s",
  async (name) => {
    const [bare, inner] = [Store.over(new MemoryDriver()), Store.over(new MemoryDriver())];
    const layered = layers[name]?.(inner) ?? inner;
    const isCached = name === "cached" || name === "all of them";
    let count = 0;
    for (const [method, some] of Object.entries(calls)) {
      for (const call of some) {
        const expected = comparable(await outcomeOf(call, bare), isCached);
        const actual = comparable(await outcomeOf(call, layered), isCached);
        expect([method, actual]).toEqual([method, expected]);
        count += 1;
      }
    }
    console.log(`${count} calls come to the same: ${name}`);
  },
);
