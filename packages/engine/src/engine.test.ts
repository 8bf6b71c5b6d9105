import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash, randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { OpenObject } from "./api.ts";
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
  for await (const piece of object.read(range)) pieces.push(piece);
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
        if (size > 0) {
          const range = await get("k", { start, end });
          expect(range.equals(bytes.subarray(start, end + 1))).toBe(true);
        }
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
});
