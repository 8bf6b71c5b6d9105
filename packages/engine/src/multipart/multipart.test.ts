import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChecksum } from "../checksums/create-checksum.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { UploadRef } from "../api.ts";
import { openEngine, type OpenEngine } from "../open-engine.ts";

const metadata = { system: {}, user: { a: "b" } };
const bucket = "b";
const key = "k";
const mib = 1024 * 1024;

let directory: string;
let engine: OpenEngine;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-multipart-"));
  engine = await openEngine({ directory });
  await engine.createBucket(bucket);
});

afterEach(async () => {
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const part = (ref: UploadRef, partNumber: number, bytes: Uint8Array) =>
  engine.putPart({ ...ref, partNumber, body: once(bytes), size: bytes.length });

const md5 = (bytes: Uint8Array): Buffer => createHash("md5").update(bytes).digest();

const files = async (): Promise<string[]> => {
  const names = await readdir(join(directory, "blobs"), { recursive: true });
  return names.filter((name) => name.includes("/"));
};

const reopen = async (): Promise<void> => {
  await engine.close();
  engine = await openEngine({ directory });
};

const bytesOf = async (range?: { start: number; end: number }): Promise<Buffer> => {
  const object = await engine.openObject(bucket, key);
  const pieces: Buffer[] = [];
  for await (const piece of object.read(range)) pieces.push(Buffer.from(piece));
  await object.close();
  return Buffer.concat(pieces);
};

test("parts of any number and order become one object with S3's etag, and ranges cross them", async () => {
  const [first, second, third] = [randomBytes(5 * mib), randomBytes(5 * mib + 3), randomBytes(7)];
  const ref = await engine.createUpload({ bucket, key, metadata });
  await part(ref, 10_000, third);
  await part(ref, 2, randomBytes(99));
  await part(ref, 2, second);
  await part(ref, 1, first);
  await part(ref, 5, randomBytes(100));
  await reopen();
  const listed = await engine.listParts(ref, { after: 1, limit: 2 });
  expect(listed.parts.map(({ partNumber }) => partNumber)).toEqual([2, 5]);
  expect(listed.next).toBe(5);
  const parts = [first, second, third].map((bytes, index) => ({
    partNumber: [1, 2, 10_000][index] ?? 0,
    etag: md5(bytes).toString("hex"),
  }));
  const info = await engine.completeUpload({ ...ref, parts });
  const whole = Buffer.concat([first, second, third]);
  const etag = md5(Buffer.concat([first, second, third].map(md5))).toString("hex");
  const crc = createChecksum("CRC64NVME");
  crc.update(whole);
  expect(info).toMatchObject({ etag: `${etag}-3`, size: whole.length, metadata });
  expect(info.checksum).toEqual({
    algorithm: "CRC64NVME",
    type: "FULL_OBJECT",
    value: crc.digest().toString("base64"),
  });
  expect(info.parts?.map(({ size }) => size)).toEqual([first.length, second.length, 7]);
  await reopen();
  expect(await engine.headObject(bucket, key)).toEqual(info);
  expect((await bytesOf()).equals(whole)).toBe(true);
  const range = { start: 5 * mib - 2, end: whole.length - 2 };
  expect((await bytesOf(range)).equals(whole.subarray(range.start, range.end + 1))).toBe(true);
  expect(await files()).toHaveLength(3);
  await engine.copyObject({ bucket, key: "copy", source: { bucket, key } });
  await engine.deleteObject({ bucket, key });
  await reopen();
  expect(await files()).toHaveLength(3);
  await engine.deleteObject({ bucket, key: "copy" });
  await reopen();
  expect(await files()).toEqual([]);
});

test("a list of parts that is out of order, unknown, wrong or too small is refused by its own name", async () => {
  const ref = await engine.createUpload({ bucket, key, metadata });
  const one = await part(ref, 1, randomBytes(10));
  const two = await part(ref, 2, randomBytes(10));
  const refused = async (
    parts: readonly { partNumber: number; etag: string }[],
    error: { code: string; details?: object },
  ): Promise<void> => {
    await expect(engine.completeUpload({ ...ref, parts })).rejects.toMatchObject(error);
  };
  await refused([two, one], { code: "InvalidPartOrder" });
  await refused([one, one], { code: "InvalidPartOrder" });
  await refused([{ ...one, etag: two.etag }], {
    code: "InvalidPart",
    details: { UploadId: ref.uploadId, PartNumber: "1", ETag: two.etag },
  });
  await refused([{ partNumber: 3, etag: two.etag }], { code: "InvalidPart" });
  await refused([one, two], {
    code: "EntityTooSmall",
    details: { ProposedSize: "10", MinSizeAllowed: String(5 * mib), PartNumber: "1" },
  });
  await refused([], { code: "InvalidRequest" });
  await expect(engine.completeUpload({ ...ref, parts: [one], size: 11 })).rejects.toMatchObject({
    code: "InvalidRequest",
  });
  await expect(
    engine.completeUpload({
      ...ref,
      parts: [one],
      checksum: { algorithm: "CRC64NVME", value: "AAAAAAAAAAA=" },
    }),
  ).rejects.toMatchObject({ code: "BadDigest" });
  await expect(part(ref, 0, randomBytes(1))).rejects.toMatchObject({ code: "InvalidArgument" });
  await expect(part(ref, 10_001, randomBytes(1))).rejects.toMatchObject({
    code: "InvalidArgument",
  });
  for (const wrong of [{ key: "other" }, { bucket: "other" }, { uploadId: "0" }]) {
    await expect(part({ ...ref, ...wrong }, 1, randomBytes(1))).rejects.toMatchObject({
      code: wrong.bucket === undefined ? "NoSuchUpload" : "NoSuchBucket",
    });
  }
  await engine.completeUpload({ ...ref, parts: [two] });
  await reopen();
  expect(await files()).toHaveLength(1);
});

test("of two that complete an upload with different parts, one wins and the other finds no upload", async () => {
  const ref = await engine.createUpload({ bucket, key, metadata });
  const one = await part(ref, 1, Buffer.from("one"));
  const two = await part(ref, 2, Buffer.from("two"));
  const outcomes = await Promise.allSettled([
    engine.completeUpload({ ...ref, parts: [one] }),
    engine.completeUpload({ ...ref, parts: [two] }),
    engine.completeUpload({ ...ref, parts: [one] }),
  ]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(outcomes[1]).toMatchObject({ reason: { code: "NoSuchUpload" } });
  expect((await bytesOf()).toString()).toBe("one");
  await engine.deleteObject({ bucket, key });
  await expect(engine.completeUpload({ ...ref, parts: [one] })).rejects.toMatchObject({
    code: "NoSuchUpload",
  });
});

test("composite checksums are those of the parts, and a claimed one is held against them", async () => {
  const ref = await engine.createUpload({ bucket, key, metadata, checksumAlgorithm: "SHA256" });
  expect(ref).toMatchObject({ checksumAlgorithm: "SHA256", checksumType: "COMPOSITE" });
  const one = await part(ref, 1, Buffer.from("one"));
  await expect(
    engine.putPart({
      ...ref,
      partNumber: 2,
      body: once(Buffer.from("x")),
      size: 1,
      checksumAlgorithm: "CRC32",
    }),
  ).rejects.toMatchObject({ code: "InvalidRequest" });
  const digest = createHash("sha256").update("one").digest();
  const value = createHash("sha256").update(digest).digest("base64");
  const complete = (checksum: string) =>
    engine.completeUpload({
      ...ref,
      parts: [{ partNumber: 1, etag: one.etag }],
      checksum: { algorithm: "SHA256", value: checksum },
    });
  await expect(complete(digest.toString("base64"))).rejects.toMatchObject({ code: "BadDigest" });
  const info = await complete(value);
  expect(info.checksum).toEqual({ algorithm: "SHA256", type: "COMPOSITE", value: `${value}-1` });
  await expect(
    engine.createUpload({
      bucket,
      key,
      metadata,
      checksumAlgorithm: "CRC64NVME",
      checksumType: "COMPOSITE",
    }),
  ).rejects.toMatchObject({ code: "InvalidRequest" });
});

test("uploads are listed by key and then by age, page by page, and go with their bucket", async () => {
  const ids: string[] = [];
  for (const name of ["b", "a/1", "a/2", "a/2", "\u0000"]) {
    const upload = await engine.createUpload({ bucket, key: name, metadata });
    await part(upload, 1, randomBytes(20));
    ids.push(upload.uploadId);
  }
  const page = async (delimiter: string, limit: number): Promise<string[]> => {
    const all: string[] = [];
    let markers: { keyMarker: string; uploadIdMarker: string } | undefined = {
      keyMarker: "",
      uploadIdMarker: "",
    };
    while (markers !== undefined) {
      const found = await engine.listUploads({ bucket, prefix: "", delimiter, limit, ...markers });
      expect(found.entries.length).toBeLessThanOrEqual(limit);
      all.push(
        ...found.entries.map((entry) =>
          entry.type === "prefix" ? entry.prefix : entry.upload.key,
        ),
      );
      markers = found.next;
    }
    return all;
  };
  for (const limit of [1, 2, 3, 1000]) {
    expect(await page("", limit)).toEqual(["\u0000", "a/1", "a/2", "a/2", "b"]);
    expect(await page("/", limit)).toEqual(["\u0000", "a/", "b"]);
  }
  expect(new Set(ids).size).toBe(5);
  await engine.deleteBucket(bucket);
  await reopen();
  expect(await files()).toEqual([]);
  await engine.createBucket(bucket);
  expect(await page("", 10)).toEqual([]);
});
