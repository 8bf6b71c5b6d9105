import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, type Engine } from "@holdfast/engine";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { MemoryControl, testCredential } from "../access/memory-control.test.support.ts";
import type { Gateway } from "../options.ts";
import { credentials, refusalOf, region, startSubject, type Answer, type Ask, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore
import { beginUpload } from "../upload-in-parts.test.support.ts";
import { openUpstreams, type OpenUpstreams } from "../upstream/open-upstreams.ts";
import { startGateway } from "../gateway.ts";
import { openQuotas } from "./open-quotas.ts";
import { heldBytes } from "./quota-subject.test.support.ts";
import type { Quotas } from "./quotas.ts";

const kib = 1024;
const hardBytes = 100 * kib;
let directory = "";
let engine: Engine;
let far: { engine: Engine; gateway: Gateway };
let upstreams: OpenUpstreams;
let quotas: Quotas;
let front: Subject;
let control: MemoryControl;
let bucket = "";
let count = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-attached-"));
  engine = await openEngine({ directory: join(directory, "near") });
  const farEngine = await openEngine({ directory: join(directory, "far") });
  const root = testCredential(credentials.accessKeyId, { ...credentials, grants: "all" });
  control = new MemoryControl(root);
  const common = { region, statusProfile: "documented", host: "127.0.0.1", port: 0 } as const;
  far = {
    engine: farEngine,
    gateway: await startGateway({ ...common, engine: farEngine, control: new MemoryControl(root) }),
  };
  const attachmentOf = (name: string) => control.attachment(name);
  upstreams = openUpstreams([
    { name: "far", endpoints: [far.gateway.endpoint], region, credentials },
  ]);
  const file = join(directory, "usage.db");
  quotas = await openQuotas({
    file,
    engine,
    quotaOf: () => ({ hardBytes }),
    upstreams,
    attachmentOf,
  });
  front = await startSubject("documented", { engine, control, upstreams, quotas });
});

afterAll(async () => {
  await front.close();
  await quotas.close();
  await upstreams.close();
  await far.gateway.close({ graceMs: 0 });
  await far.engine.close();
  await engine.close();
  await rm(directory, { recursive: true });
});

beforeEach(async () => {
  count += 1;
  bucket = `near-${count}`;
  control.attach(bucket, { bucket, upstream: "far", remoteBucket: `far-${count}`, createdAt: 0 });
  await far.engine.createBucket(`far-${count}`);
});

const put = (key: string, bytes: number, more: Partial<Ask> = {}): Promise<Answer> =>
  front.send({ method: "PUT", target: `/${bucket}/${key}`, body: Buffer.alloc(bytes), ...more });

/** What is counted, after it was held against what the upstream holds. */
async function used(): Promise<number> {
  const usage = await quotas.usage(bucket);
  expect(usage).toEqual({
    usedBytes: await heldBytes(far.engine, `far-${count}`),
    reservedBytes: 0,
  });
  return usage?.usedBytes ?? -1;
}

function expectFull(answer: Answer): void {
  expect(refusalOf(answer)).toMatchObject({ status: 507, Code: "EntityTooLarge" });
}

test("what does not fit is refused before the upstream hears of it, and overwrites and deletions are given back", async () => {
  expectFull(await put("a", 100 * kib + 1));
  expect((await put("a", 90 * kib)).status).toBe(200);
  expect((await put("a", 100 * kib)).status).toBe(200);
  expectFull(await put("b", 1));
  expect((await put("a", 10)).status).toBe(200);
  for (const key of ["b", "c ü+%", "d"]) await put(encodeURIComponent(key), 20 * kib);
  expect((await front.send({ method: "DELETE", target: `/${bucket}/a` })).status).toBe(204);
  expect(await used()).toBe(60 * kib);
  const objects = ["b", "c ü+%", "none"].map((key) => `<Object><Key>${key}</Key></Object>`);
  const body = `<Delete>${objects.join("")}</Delete>`;
  const headers = { "content-md5": createHash("md5").update(body).digest("base64") };
  const deleted = await front.send({ method: "POST", target: `/${bucket}?delete`, body, headers });
  expect(deleted.status).toBe(200);
  expect(await used()).toBe(20 * kib);
});

test("copies count for their source, and parts until they are replaced, dropped or aborted", async () => {
  await put("a", 40 * kib);
  const headers = { "x-amz-copy-source": `/${bucket}/a` };
  expect((await front.send({ method: "PUT", target: `/${bucket}/b`, headers })).status).toBe(200);
  expectFull(await front.send({ method: "PUT", target: `/${bucket}/c`, headers }));
  await front.send({ method: "DELETE", target: `/${bucket}/b` });
  const upload = await beginUpload(front, `/${bucket}/whole`);
  const first = await upload.part(1, Buffer.alloc(20 * kib));
  await upload.part(2, Buffer.alloc(30 * kib));
  await upload.part(2, Buffer.alloc(1 * kib));
  await upload.copyPart(3, `/${bucket}/a`, { "x-amz-copy-source-range": "bytes=0-9" });
  expect(await used()).toBe(61 * kib + 10);
  expectFull(await upload.copyPart(4, `/${bucket}/a`));
  const done = await upload.complete([[1, first.headers.etag ?? ""]]);
  expect(done.status).toBe(200);
  expect(await used()).toBe(60 * kib);
  const given = await beginUpload(front, `/${bucket}/given`);
  await given.part(1, Buffer.alloc(40 * kib));
  expectFull(await given.part(2, Buffer.alloc(1)));
  await given.abort();
  expect(await used()).toBe(60 * kib);
});

test("of 64 uploads that race for room for ten, some for the same key, none takes the bucket over its limit", async () => {
  const answers = await Promise.all(
    Array.from({ length: 64 }, (_, index) => put(`k${index % 32}`, 10 * kib)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 507]));
  const stored = answers.filter(({ status }) => status === 200).length;
  expect(stored).toBeGreaterThanOrEqual(10);
  const held = await used();
  expect(held).toBeLessThanOrEqual(hardBytes);
  // Whichever came first, no more than two of them had the same key.
  expect(held).toBeGreaterThanOrEqual(hardBytes / 2);
});

test("what the upstream held before counts from the first write, page by page, and its open uploads with it", async () => {
  const remote = `far-${count}`;
  async function* one(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(50);
  }
  for (let index = 0; index < 1001; index += 1) {
    const metadata = { system: {}, user: {} };
    const object = { bucket: remote, key: `k+ ${index}`, body: one(), size: 50, metadata };
    await far.engine.putObject({ ...object, checksumAlgorithm: "CRC32" });
  }
  const upload = await far.engine.createUpload({ bucket: remote, key: "ü", metadata: { system: {}, user: {} } }); // prettier-ignore
  await far.engine.putPart({ ...upload, partNumber: 7, body: one(), size: 50 });
  expectFull(await put("after", hardBytes - 1002 * 50 + 1));
  expect((await put("after", hardBytes - 1002 * 50)).status).toBe(200);
  expect(await used()).toBe(hardBytes);
});

test("a bucket whose upstream cannot be asked takes no write, and nothing is counted twice when it can again", async () => {
  expect((await put("a", 10)).status).toBe(200);
  const attachment = control.attachment(bucket);
  if (attachment === undefined) throw new TypeError("not attached");
  control.attach(bucket, { ...attachment, upstream: "nowhere" });
  expect(refusalOf(await put("a", 20))).toMatchObject({ status: 503, Code: "ServiceUnavailable" });
  control.attach(bucket, attachment);
  expect((await put("a", 20)).status).toBe(200);
  expect(await used()).toBe(20);
});
