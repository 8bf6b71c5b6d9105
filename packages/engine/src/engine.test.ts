import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash, randomBytes } from "node:crypto";
import { s3Error } from "@holdfast/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OpenObject, PutObject } from "./api.ts";
import { openEngine, type OpenEngine } from "./open-engine.ts";

let directory: string;
let engine: OpenEngine;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-engine-"));
  engine = await openEngine({ directory });
  await engine.createBucket("b");
});

afterEach(async () => {
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

const reopen = async (): Promise<void> => {
  await engine.close();
  engine = await openEngine({ directory });
};

const metadata = { system: { "content-type": "text/plain" }, user: { ä: "ö", __proto__x: "1" } };

async function* chunks(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const put = (key: string, bytes: Uint8Array) =>
  engine.putObject({
    bucket: "b",
    key,
    body: chunks(bytes),
    size: bytes.length,
    metadata,
    checksumAlgorithm: "CRC64NVME",
  });

const drain = async (object: OpenObject, range?: { start: number; end: number }) => {
  const pieces: Buffer[] = [];
  for await (const piece of object.read(range)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
};

const get = async (key: string, range?: { start: number; end: number }): Promise<Buffer> => {
  const object = await engine.openObject("b", key);
  try {
    return await drain(object, range);
  } finally {
    await object.close();
  }
};

const list = async (prefix: string, after: string, limit: number) => {
  const page = await engine.listBuckets({ prefix, after, limit });
  return { names: page.buckets.map(({ name }) => name), next: page.next };
};

const files = async (): Promise<string[]> => {
  const names = await readdir(join(directory, "blobs"), { recursive: true });
  return names.filter((name) => name.includes("/"));
};

describe("objects", () => {
  test.each([0, 1, 1024, 16_384, 16_385, 65_535, 65_536, 65_537, 524_288, 524_289, 3_000_000])(
    "%i bytes come back as they went in, also after a restart, and in any range",
    async (size) => {
      const bytes = randomBytes(size);
      const info = await put("k", bytes);
      expect(info).toMatchObject({ size, etag: createHash("md5").update(bytes).digest("hex") });
      await reopen();
      expect(await engine.headObject("b", "k")).toEqual(info);
      expect(info.metadata).toEqual(metadata);
      expect((await get("k")).equals(bytes)).toBe(true);
      for (const [start, end] of [
        [0, 0],
        [size - 1, size - 1],
        [Math.floor(size / 3), Math.floor(size / 2)],
      ] as const) {
        const range = size === 0 ? bytes : await get("k", { start, end });
        expect(range.equals(bytes.subarray(start, end + 1))).toBe(true);
      }
      await engine.deleteObject({ bucket: "b", key: "k" });
      await reopen();
      expect(await files()).toEqual([]);
    },
  );

  test("an open object stays as it was while it is overwritten and deleted", async () => {
    const first = randomBytes(200_000);
    await put("k", first);
    const object = await engine.openObject("b", "k");
    await put("k", randomBytes(200_000));
    await engine.deleteObject({ bucket: "b", key: "k" });
    expect((await drain(object)).equals(first)).toBe(true);
    await object.close();
    await reopen();
    expect(await files()).toEqual([]);
  });

  test("a second engine on the same directory is refused by code, and the first goes on", async () => {
    await expect(openEngine({ directory })).rejects.toMatchObject({ code: "DIRECTORY_IN_USE" });
    await put("k", Buffer.from("x"));
  });

  test("a body that is shorter, longer, broken or aborted leaves nothing behind", async () => {
    const bytes = randomBytes(700_000);
    const failure = new Error("the source broke");
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes;
      throw failure;
    };
    const silent = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes;
      await new Promise(() => undefined);
    };
    const refusal = new Error("not admitted");
    const abort = new AbortController();
    const start = (extra: Partial<PutObject>) =>
      engine.putObject({
        bucket: "b",
        key: "k",
        body: chunks(bytes),
        size: bytes.length,
        metadata,
        checksumAlgorithm: "CRC32",
        ...extra,
      });
    const incomplete = { code: "IncompleteBody" };
    await expect(start({ size: bytes.length - 1 })).rejects.toMatchObject(incomplete);
    await expect(start({ size: bytes.length + 1 })).rejects.toMatchObject(incomplete);
    await expect(start({ size: 0 })).rejects.toMatchObject(incomplete);
    await expect(start({ body: broken() })).rejects.toBe(failure);
    const refuse = (): never => {
      throw refusal;
    };
    await expect(start({ admit: refuse })).rejects.toBe(refusal);
    await expect(start({ precondition: refuse })).rejects.toBe(refusal);
    const aborted = start({ body: silent(), size: undefined, signal: abort.signal });
    setImmediate(() => abort.abort(failure));
    await expect(aborted).rejects.toBe(failure);
    await expect(start({ signal: abort.signal })).rejects.toBe(failure);
    await expect(engine.headObject("b", "k")).rejects.toMatchObject({ code: "NoSuchKey" });
    expect(await files()).toEqual([]);
  });

  test("what is not there is refused by its own name", async () => {
    await expect(engine.headObject("b", "k")).rejects.toMatchObject({ code: "NoSuchKey" });
    await expect(engine.openObject("x", "k")).rejects.toMatchObject({ code: "NoSuchBucket" });
    await expect(engine.deleteObject({ bucket: "x", key: "k" })).rejects.toMatchObject({
      code: "NoSuchBucket",
    });
    await expect(engine.createBucket("b")).rejects.toMatchObject({
      code: "BucketAlreadyOwnedByYou",
    });
    await put("k", Buffer.from("x"));
    await expect(engine.deleteBucket("b")).rejects.toMatchObject({ code: "BucketNotEmpty" });
    await engine.deleteObject({ bucket: "b", key: "k" });
    await engine.deleteObject({ bucket: "b", key: "k" });
    await engine.deleteBucket("b");
    await expect(engine.headBucket("b")).rejects.toMatchObject({ code: "NoSuchBucket" });
  });

  test("a closed engine refuses, and closing twice is closing once", async () => {
    await engine.close();
    await engine.close();
    await expect(engine.headBucket("b")).rejects.toMatchObject({ reason: "engine_closed" });
  });

  test("Last-Modified of a key does not run backwards with the clock", async () => {
    await engine.close();
    let now = 5000;
    engine = await openEngine({ directory, clock: { now: () => now } });
    expect((await put("k", Buffer.from("1"))).lastModified).toBe(5000);
    now = 1000;
    expect((await put("k", Buffer.from("2"))).lastModified).toBe(5000);
    expect((await put("l", Buffer.from("2"))).lastModified).toBe(1000);
  });

  test("conditional writes of many at once have one winner", async () => {
    const attempts = Array.from({ length: 50 }, (_, index) =>
      engine.putObject({
        bucket: "b",
        key: "k",
        body: chunks(Buffer.alloc(index * 1000, index)),
        size: index * 1000,
        metadata,
        checksumAlgorithm: "CRC32C",
        precondition: (current) => {
          if (current) throw s3Error("PreconditionFailed", { Condition: "If-None-Match" });
        },
      }),
    );
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await reopen();
    expect((await files()).length).toBeLessThanOrEqual(1);
  });

  test("buckets are listed in byte order, page by page", async () => {
    for (const name of ["a", "c.d", "c-d", "\u{1f600}", "\uffee"]) await engine.createBucket(name);
    expect(await list("", "", 3)).toEqual({ names: ["a", "b", "c-d"], next: "c-d" });
    expect(await list("", "c-d", 3)).toEqual({
      names: ["c.d", "\uffee", "\u{1f600}"],
      next: undefined,
    });
    expect(await list("c", "c-d", 1)).toEqual({ names: ["c.d"], next: undefined });
    expect(await list("", "", 0)).toEqual({ names: [], next: undefined });
  });
});

describe("a directory", () => {
  test("of another format, or that lost its format, log or index, is refused by code and left alone", async () => {
    await put("k", randomBytes(20_000));
    await engine.close();
    const format = join(directory, "FORMAT");
    const text = await readFile(format, "utf8");
    const refused = async (code: string): Promise<void> => {
      await expect(openEngine({ directory })).rejects.toMatchObject({ code });
    };
    await writeFile(format, text.replace(" 1 ", " 2 "));
    await refused("UNKNOWN_FORMAT");
    await writeFile(format, "");
    await refused("UNKNOWN_FORMAT");
    await rm(format);
    await refused("UNKNOWN_FORMAT");
    await writeFile(format, text);
    await rename(join(directory, "log"), join(directory, "log.away"));
    await refused("LOG_DAMAGED");
    await rm(join(directory, "log"), { recursive: true });
    await rename(join(directory, "log.away"), join(directory, "log"));
    await rename(join(directory, "index"), join(directory, "index.away"));
    await refused("INDEX_DAMAGED");
    await rm(join(directory, "index"), { recursive: true });
    await rename(join(directory, "index.away"), join(directory, "index"));
    engine = await openEngine({ directory });
    expect((await get("k")).length).toBe(20_000);
  });

  test("that cannot be made is refused with the errno as cause", async () => {
    const file = join(directory, "FORMAT", "data");
    await expect(openEngine({ directory: file })).rejects.toMatchObject({
      code: "DISK_FAILED",
      cause: { code: "ENOTDIR" },
    });
  });

  test("is made with what leads to it", async () => {
    const nested = await openEngine({ directory: join(directory, "x", "y", "z") });
    expect(nested.recovered.created).toBe(true);
    await nested.close();
  });

  test("is closed to others, whatever the umask", async () => {
    await put("k", randomBytes(20_000));
    const modes = new Map<string, string>();
    for (const name of [
      "",
      "FORMAT",
      "log",
      "blobs",
      "index",
      ...(await files()).map((file) => `blobs/${file}`),
    ]) {
      const { mode } = await stat(join(directory, name));
      modes.set(name, (mode & 0o777).toString(8));
    }
    expect([...modes.values()].toSorted()).toEqual(["600", "600", "700", "700", "700", "700"]);
  });
});
