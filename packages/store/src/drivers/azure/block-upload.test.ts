import { afterEach, beforeEach, expect, test } from "vitest";
import type { Store } from "../../store.ts";
import { azureFixture, type AzureFixture } from "./azure-fixture.test.support.ts";
import type { ScriptedAzure } from "./scripted-azure.test.support.ts";

let azure: ScriptedAzure;
let store: Store;
let fixture: AzureFixture;

beforeEach(async () => {
  fixture = await azureFixture({ blockBytes: 1000, blocksAtOnce: 2 });
  ({ azure, store } = fixture);
});

afterEach(() => fixture.end());

test("an upload that fails half-way commits nothing; its blocks are invisible and go with the next write", async () => {
  await store.writeText("k", "old");
  async function* failing(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 9; count += 1) yield new Uint8Array(1000);
    while (azure.blocks.get("k") === undefined) await new Promise(setImmediate);
    throw new Error("source");
  }
  const write = store.write("k", failing(), { overwrite: true });
  await expect(write).rejects.toMatchObject({ name: "SourceFailed" });
  expect(await fixture.leftovers()).toEqual(["k"]);
  expect(await store.readText("k")).toBe("old");
  await store.writeText("k", "new", { overwrite: true });
  expect(await fixture.leftovers()).toEqual([]);
});

test("no more blocks are in memory than are sent at once, and a broken one ends the others", async () => {
  let given = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    for (; given < 50; given += 1) yield new Uint8Array(1000);
  }
  for (let count = 0; count < 2; count += 1) azure.failNext("silence", /comp=block&/);
  const write = store.write("k", source(), { signal: AbortSignal.timeout(300) });
  await expect(write).rejects.toMatchObject({ name: "Aborted" });
  expect(given).toBeLessThan(4);
  given = 0;
  azure.failNext({ status: 403, code: "AuthorizationFailure" }, /comp=block&/);
  await expect(store.write("k", source())).rejects.toMatchObject({ name: "PermissionDenied" });
  expect(given).toBeLessThan(6);
  expect(await store.exists("k")).toBe(false);
});

/** Three blocks, of which Azure has every one before the other work is done, and none of a fourth. */
async function* overtaken(other: () => Promise<unknown>): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(3000);
  while (azure.blocks.get("k")?.size !== 3) await new Promise(setImmediate);
  await other();
}

const dropped = {
  name: "RemoteStoreError",
  code: "InvalidBlockList",
  status: 400,
  retryable: true,
  ambiguous: false,
};

test("an upload whose blocks another one dropped says so and may be tried again, and stores nothing", async () => {
  const source = overtaken(() => store.writeText("k", "other", { overwrite: true }));
  await expect(store.write("k", source, { overwrite: true })).rejects.toMatchObject(dropped);
  expect(await store.readText("k")).toBe("other");
});

test("an upload on a condition whose blocks were dropped is told of the condition, whichever Azure looks at first", async () => {
  azure.looksAtBlocksFirst = true;
  const source = overtaken(() => store.writeText("k", "other"));
  const exists = { name: "AlreadyExists", cause: { code: "InvalidBlockList" } };
  await expect(store.write("k", source)).rejects.toMatchObject(exists);
  const changed = { name: "PreconditionFailed", cause: { code: "InvalidBlockList" } };
  for (const other of [
    () => store.writeText("k", "third", { overwrite: true }),
    () => store.writeText("k", "fourth", { overwrite: true }).then(() => store.delete("k")),
  ]) {
    const { etag: ifMatch } = await store.writeText("k", "old", { overwrite: true });
    await expect(store.write("k", overtaken(other), { ifMatch })).rejects.toMatchObject(changed);
  }
});

test("where the condition holds again, or nobody can say, dropped blocks are what an upload failed by", async () => {
  azure.looksAtBlocksFirst = true;
  const gone = overtaken(async () => {
    await store.writeText("k", "other");
    await store.delete("k");
  });
  await expect(store.write("k", gone)).rejects.toMatchObject(dropped);
  const unsaid = overtaken(async () => {
    await store.writeText("k", "other");
    azure.failNext({ status: 403 }, /^HEAD/);
  });
  await expect(store.write("k", unsaid)).rejects.toMatchObject(dropped);
});

test("a creation that loses late is AlreadyExists, and the block that it sent after that stays", async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield* overtaken(() => store.writeText("k", "other"));
    yield new Uint8Array(1);
  }
  const exists = { name: "AlreadyExists", code: "BlobAlreadyExists" };
  await expect(store.write("k", source())).rejects.toMatchObject(exists);
  expect(await store.readText("k")).toBe("other");
  expect(azure.blocks.get("k")?.size).toBe(1);
});
