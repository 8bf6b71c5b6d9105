import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { S3Client } from "@holdfast/client";
import {
  batch,
  cached,
  LocalDriver,
  MemoryCache,
  MemoryDriver,
  observed,
  retrying,
  S3Driver,
  Store,
  sync,
  transfer,
  type StoreEvent,
  type SyncOutcome,
} from "@holdfast/store";
import { startLocalGateway } from "../proofs/local-gateway.ts";
import { region, rootCredential } from "../proofs/root-credential.ts";

const local = await startLocalGateway();
const endpoint = `http://127.0.0.1:${local.port}`;
const client = new S3Client({ region, endpoint, credentials: rootCredential });
const folder = mkdtempSync(join(tmpdir(), "holdfast-extensions-"));
let buckets = 0;

afterAll(async () => {
  client.close();
  await local.close();
  rmSync(folder, { recursive: true });
});

async function bucket(): Promise<{ store: Store; uploads: () => Promise<number> }> {
  buckets += 1;
  const name = `extensions-${buckets}`;
  await local.engine.createBucket(name);
  return {
    store: Store.over(new S3Driver({ client, bucket: name })),
    uploads: async () =>
      (await client.listMultipartUploads({ bucket: name }).page()).uploads.length,
  };
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

async function textsOf(store: Store): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const { path } of await all(store.listFiles("", { recursive: true }))) {
    texts[path] = await store.readText(path);
  }
  return texts;
}

function word(outcome: SyncOutcome): string {
  const said = `${outcome.action} ${outcome.path} ${outcome.reason}`;
  return outcome.ok ? said : `${said}: ${outcome.error.name}`;
}

async function* pieces(mebibytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < mebibytes; at += 1) yield new Uint8Array(2 ** 20).fill(at);
}

test("a file in parts goes to S3 and back whole; one that is ended on the way leaves no file and no upload", async () => {
  const { store, uploads } = await bucket();
  const disk = Store.over(new LocalDriver({ root: folder }));
  await disk.write("large", pieces(24));
  const there = { store, path: "large" };
  const written = await transfer({ store: disk, path: "large" }, there, { verify: "content" });
  expect(written.size).toBe(24 * 2 ** 20);
  await transfer(there, { store: disk, path: "back" });
  const [one, other] = [await disk.readBytes("large"), await disk.readBytes("back")];
  expect(Buffer.compare(one, other)).toBe(0);

  for (const mebibytes of [1, 7, 20]) {
    const controller = new AbortController();
    const ended = transfer(
      { store: disk, path: "large" },
      { store, path: "ended" },
      {
        signal: controller.signal,
        onProgress: ({ bytes }) => {
          if (bytes >= mebibytes * 2 ** 20) controller.abort();
        },
      },
    );
    await expect(ended).rejects.toMatchObject({ name: "Aborted" });
    expect(await store.exists("ended")).toBe(false);
    expect(await uploads()).toBe(0);
  }
});

test("a disk is made equal to a bucket and back, in the order of S3's keys, and what is equal is left alone", async () => {
  const [{ store: from }, { store: to }] = [await bucket(), await bucket()];
  const names = ["a", "a b", "a-", "a.b", "dir/a", "dir-a", "ü", "ﬀ", "🎈", "100%", "[x]"];
  await all(
    batch(from).write(names.map((path) => ({ path, content: Buffer.from(`text of ${path}`) }))),
  );
  await to.writeText("dir/a", "another text here");
  await to.writeText("old/one", "1");
  const memory = Store.over(new MemoryDriver());
  for (const target of [to, memory]) {
    const options = { delete: true, compare: "content" } as const;
    const outcomes = await all(sync(from, target, options));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(await textsOf(target)).toEqual(await textsOf(from));
    expect(await all(sync(from, target, options))).toEqual([]);
  }
  expect((await all(sync(from, to, { compare: "etag" }))).map(word)).toEqual([]);
  await from.writeText("a", "text of b", { overwrite: true });
  expect((await all(sync(from, to, { compare: "size" }))).map(word)).toEqual([]);
  expect((await all(sync(from, to, { compare: "etag" }))).map(word)).toEqual(["copy a different"]);
});

test("layers around a bucket compose: a file is fetched once, tried again, and told of", async () => {
  const { store } = await bucket();
  const told: string[] = [];
  const hook = (event: StoreEvent): void => {
    if (event.type === "end") told.push(`${event.operation} ${event.path} ${event.bytes}`);
  };
  const files = cached(retrying(observed(store, hook)), { cache: new MemoryCache() });
  await files.writeText("d/a", "text");
  expect(await files.readText("d/a")).toBe("text");
  expect(await files.child("d").readText("a")).toBe("text");
  expect(told).toEqual([
    "writeText d/a 4",
    "getFileInfo d/a undefined",
    "read d/a 4",
    "getFileInfo a undefined",
  ]);
  await store.writeText("d/a", "new text", { overwrite: true });
  expect(await files.readText("d/a")).toBe("new text");
});
