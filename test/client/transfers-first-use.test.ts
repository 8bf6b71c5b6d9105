import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { S3Client, type TransferProgress } from "@holdfast/client";
import { startLocalGateway, type LocalGateway } from "../proofs/local-gateway.ts";
import { region, rootCredential } from "../proofs/root-credential.ts";

const bucket = "proofs";
const mebibyte = 2 ** 20;

let local: LocalGateway;
let s3: S3Client;
let folder: string;

beforeAll(async () => {
  local = await startLocalGateway();
  folder = await mkdtemp(join(tmpdir(), "holdfast-transfers-"));
  const endpoint = `http://127.0.0.1:${local.port}`;
  s3 = new S3Client({ region, endpoint, credentials: rootCredential });
});

afterAll(async () => {
  s3.close();
  await local.close();
  await rm(folder, { recursive: true });
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

async function stored(key: string): Promise<Uint8Array> {
  const { body } = await s3.getObject({ bucket, key });
  return body.bytes();
}

test("a source of unknown length goes up in parts, and no more of it is read than may be on its way", async () => {
  const piece = randomBytes(mebibyte);
  const hash = createHash("sha256");
  const told: TransferProgress[] = [];
  let read = 0;
  let aheadMost = 0;
  async function* source() {
    for (; read < 60; read += 1) {
      aheadMost = Math.max(aheadMost, read - (told.at(-1)?.transferredBytes ?? 0) / mebibyte);
      hash.update(piece);
      yield piece;
    }
  }
  const output = await s3.upload({
    bucket,
    key: "stream",
    body: source(),
    partBytes: 5 * mebibyte,
    concurrency: 2,
    contentType: "image/x-test",
    metadata: { from: "a stream" },
    onProgress: (progress) => told.push(progress),
  });
  expect(output).toMatchObject({ parts: 12, bytes: 60 * mebibyte });
  // Two on their way, one that is made up, and what was read of the next.
  expect(aheadMost).toBeLessThanOrEqual(4 * 5);
  const moved = told.map(({ transferredBytes }) => transferredBytes);
  expect(moved).toEqual(moved.toSorted((one, other) => one - other));
  expect(told.at(-1)).toEqual({ transferredBytes: 60 * mebibyte, totalBytes: undefined });
  const head = await s3.headObject({ bucket, key: "stream" });
  expect(head).toMatchObject({ contentType: "image/x-test", metadata: { from: "a stream" } });
  expect(sha256(await stored("stream"))).toBe(hash.digest("hex"));
});

test("a small file keeps its type and metadata as a large one does, and progress is told after it", async () => {
  const file = join(folder, "small");
  await writeFile(file, "small");
  const told: TransferProgress[] = [];
  const output = await s3.upload({
    bucket,
    key: "small",
    body: { file },
    contentType: "text/x-small",
    metadata: { a: "b" },
    onProgress: (progress) => told.push(progress),
  });
  expect(output).toMatchObject({ parts: 0, bytes: 5 });
  expect(told).toEqual([{ transferredBytes: 5, totalBytes: 5 }]);
  const head = await s3.headObject({ bucket, key: "small" });
  expect(head).toMatchObject({ contentType: "text/x-small", metadata: { a: "b" } });
});

test("a download that is broken off goes on where it was, and leaves one file", async () => {
  const bytes = randomBytes(6 * mebibyte);
  const file = join(folder, "resumed");
  await s3.putObject({ bucket, key: "large", body: bytes });
  const reason = new Error("enough for now");
  const controller = new AbortController();
  const broken = s3.download({
    bucket,
    key: "large",
    file,
    resume: true,
    signal: controller.signal,
    onProgress: ({ transferredBytes }) => {
      if (transferredBytes > 2 * mebibyte) controller.abort(reason);
    },
  });
  await expect(broken).rejects.toMatchObject({ name: "S3AbortedError", cause: reason });
  await expect(readFile(file)).rejects.toMatchObject({ code: "ENOENT" });
  const output = await s3.download({ bucket, key: "large", file, resume: true });
  expect(output.resumedFrom).toBeGreaterThan(2 * mebibyte);
  expect(output.bytes).toBe(bytes.length);
  expect(sha256(await readFile(file))).toBe(sha256(bytes));
  expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test("what is left of another object is not gone on with", async () => {
  const file = join(folder, "replaced");
  const at = { bucket, key: "replaced" };
  await s3.putObject({ ...at, body: Buffer.alloc(mebibyte, 1) });
  const cause = new Error("stop");
  const onProgress = () => {
    throw cause;
  };
  const broken = s3.download({ ...at, file, resume: true, onProgress });
  await expect(broken).rejects.toMatchObject({ name: "S3AbortedError", cause });
  await s3.putObject({ ...at, body: Buffer.alloc(mebibyte, 2) });
  expect(await s3.download({ ...at, file, resume: true })).toMatchObject({ resumedFrom: 0 });
  expect(sha256(await readFile(file))).toBe(sha256(Buffer.alloc(mebibyte, 2)));
});

test("an empty object is an empty file, and a missing one touches nothing", async () => {
  const file = join(folder, "empty");
  await s3.putObject({ bucket, key: "empty", body: "" });
  await s3.download({ bucket, key: "empty", file });
  expect(await readFile(file, "utf8")).toBe("");
  await expect(s3.download({ bucket, key: "gone", file })).rejects.toMatchObject({
    name: "S3NotFoundError",
  });
  expect(await readFile(file, "utf8")).toBe("");
});

test("an upload under a condition that does not hold leaves the object and no upload", async () => {
  const at = { bucket, key: "once" };
  await s3.putObject({ ...at, body: "first" });
  for (const body of ["small", randomBytes(11 * mebibyte)]) {
    await expect(s3.upload({ ...at, body, ifNoneMatch: "*" })).rejects.toMatchObject({
      name: "S3PreconditionFailedError",
    });
  }
  expect(Buffer.from(await stored("once")).toString()).toBe("first");
  expect((await s3.listMultipartUploads({ bucket }).page()).uploads).toEqual([]);
});
