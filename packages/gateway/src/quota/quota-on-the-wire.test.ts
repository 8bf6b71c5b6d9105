import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { answerToHead, refusalOf, type Answer, type Ask } from "../s3-subject.test.support.ts";
import { beginUpload, partBytesMin } from "../upload-in-parts.test.support.ts";
import { meterEngine } from "./metered-engine.ts";
import { heldBytes, startQuotaSubject, type QuotaSubject } from "./quota-subject.test.support.ts";

const kib = 1024;

describe.each(["documented", "aws"] as const)("in the %s profile", (profile) => {
  let subject: QuotaSubject;
  let bucket = "";
  let count = 0;
  let fulls = 0;

  beforeAll(async () => {
    subject = await startQuotaSubject(profile);
  });
  afterAll(() => subject.close());
  beforeEach(async () => {
    count += 1;
    bucket = `bucket-${count}`;
    await subject.engine.createBucket(bucket);
    subject.limits.set(bucket, { hardBytes: 100 * kib });
    subject.records.length = 0;
    fulls = 0;
  });
  /** The record of a request that was refused unread is written once its body was dropped. */
  afterEach(async () => {
    const recorded = (): number =>
      subject.records.filter(({ reason }) => reason === "quota_exceeded").length;
    await vi.waitUntil(() => recorded() >= fulls, { timeout: 20_000 });
  });

  const put = (key: string, bytes: number, more: Partial<Ask> = {}): Promise<Answer> =>
    subject.send({
      method: "PUT",
      target: `/${bucket}/${key}`,
      body: Buffer.alloc(bytes),
      ...more,
    });

  const remove = (key: string): Promise<Answer> =>
    subject.send({ method: "DELETE", target: `/${bucket}/${key}` });

  /** What is counted, after it was held against what is there. */
  async function used(): Promise<number> {
    const usage = await subject.quotas.usage(bucket);
    expect(usage).toEqual({ usedBytes: await heldBytes(subject.engine, bucket), reservedBytes: 0 });
    return usage?.usedBytes ?? -1;
  }

  function expectFull(answer: Answer): void {
    expect(refusalOf(answer)).toMatchObject({
      status: 507,
      Code: "EntityTooLarge",
      BucketName: bucket,
    });
    expect(answer.body.toString()).not.toMatch(/\d{5,}(?=<\/M)|ProposedSize|MaxSizeAllowed/);
    fulls += 1;
  }

  test("what does not fit is refused, what fits to the byte is not, and the refusal changes nothing", async () => {
    expectFull(await put("a", 100 * kib + 1));
    expect(await used()).toBe(0);
    expect((await put("a", 100 * kib)).status).toBe(200);
    expectFull(await put("b", 1));
    expect((await put("c", 0)).status).toBe(200);
    expect(await used()).toBe(100 * kib);
  });

  test("no byte is taken from a client whose body does not fit", async () => {
    const ask: Ask = { method: "PUT", target: `/${bucket}/a` };
    const framing = { "content-length": String(200 * kib), expect: "100-continue" };
    const answer = await answerToHead(subject, ask, framing);
    expect(answer).toMatch(/^HTTP\/1\.1 507 /);
    expect(answer).toContain("<Code>EntityTooLarge</Code>");
    expect(subject.records.at(-1)?.bytesIn).toBe(0);
  });

  test("an overwrite counts for what it is larger by, and gives back what it is smaller by", async () => {
    await put("a", 90 * kib);
    expect((await put("a", 90 * kib)).status).toBe(200);
    expect((await put("a", 100 * kib)).status).toBe(200);
    expectFull(await put("a", 100 * kib + 1));
    expect((await put("a", 10)).status).toBe(200);
    expect(await used()).toBe(10);
  });

  test("what is deleted is given back, one by one and many at once, and twice gives nothing", async () => {
    for (const key of ["a", "b", "c", "d"]) await put(key, 25 * kib);
    await remove("a");
    await remove("a");
    expect(await used()).toBe(75 * kib);
    const keys = ["b", "c", "none", "b"].map((key) => `<Object><Key>${key}</Key></Object>`);
    const body = `<Delete>${keys.join("")}</Delete>`;
    const answer = await subject.send({
      method: "POST",
      target: `/${bucket}?delete`,
      body,
      headers: { "content-md5": createHash("md5").update(body).digest("base64") },
    });
    expect(answer.status).toBe(200);
    expect(await used()).toBe(25 * kib);
  });

  test("an upload that fails gives back what was set aside for it", async () => {
    const wrong = await put("a", 60 * kib, { payload: "0".repeat(64) });
    expect(refusalOf(wrong)).toMatchObject({ Code: "XAmzContentSHA256Mismatch" });
    const refused = await put("a", 60 * kib, { headers: { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" } }); // prettier-ignore
    expect(refusalOf(refused)).toMatchObject({ Code: "BadDigest" });
    expect(await used()).toBe(0);
    expect((await put("a", 100 * kib)).status).toBe(200);
    const taken = await put("a", 1, { headers: { "if-none-match": "*" } });
    expect(taken.status).toBe(412);
    expect(await used()).toBe(100 * kib);
  });

  test("a length that is not said, or is said to be less than it is, gets nobody past the limit", async () => {
    const ask: Ask = { method: "PUT", target: `/${bucket}/a` };
    const unsaid = await answerToHead(subject, ask, { "transfer-encoding": "chunked" });
    expect(unsaid).toMatch(/^HTTP\/1\.1 411 /);
    const body = `${(200 * kib).toString(16)}\r\n${"x".repeat(200 * kib)}\r\n0\r\n\r\n`;
    for (const length of ["0", "-1", "10"]) {
      const answer = await subject.send({
        ...ask,
        body,
        payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        headers: { "content-encoding": "aws-chunked", "x-amz-decoded-content-length": length },
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    expect(await used()).toBe(0);
  });

  test("a decoded length is what counts for a body in chunks", async () => {
    const body = `${(100 * kib).toString(16)}\r\n${"x".repeat(100 * kib)}\r\n0\r\n\r\n`;
    const answer = await put("a", 0, {
      body,
      payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      headers: {
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": String(100 * kib),
      },
    });
    expect(answer.status).toBe(200);
    expect(await used()).toBe(100 * kib);
  });

  test("a file of a form, of a size that nobody told, is metered while it comes", async () => {
    const { engine, quotas } = subject;
    const stored: number[] = [];
    async function* pieces(number: number): AsyncGenerator<Buffer> {
      for (let piece = 0; piece < number; piece += 1) {
        stored.push(((await quotas.usage(bucket))?.reservedBytes ?? 0) / kib);
        yield Buffer.alloc(30 * kib);
      }
    }
    const object = { bucket, key: "a", size: undefined, metadata: { system: {}, user: {} } };
    const upload = (number: number) =>
      meterEngine(engine, quotas).putObject({
        ...object,
        body: pieces(number),
        checksumAlgorithm: "CRC32",
      });
    await expect(upload(4)).rejects.toMatchObject({ code: "EntityTooLarge", reason: "quota_exceeded" }); // prettier-ignore
    expect(stored).toEqual([0, 30, 60, 90]);
    expect(await used()).toBe(0);
    await upload(3);
    expect(await used()).toBe(90 * kib);
  });

  test("a copy counts for the size of its source, from whichever bucket", async () => {
    const other = `${bucket}-other`;
    await subject.engine.createBucket(other);
    await subject.send({ method: "PUT", target: `/${other}/large`, body: Buffer.alloc(101 * kib) });
    await subject.send({ method: "PUT", target: `/${other}/fits`, body: Buffer.alloc(60 * kib) });
    const copy = (key: string, source: string): Promise<Answer> =>
      subject.send({
        method: "PUT",
        target: `/${bucket}/${key}`,
        headers: { "x-amz-copy-source": source },
      });
    expectFull(await copy("a", `/${other}/large`));
    expect((await copy("a", `/${other}/fits`)).status).toBe(200);
    expectFull(await copy("b", `/${bucket}/a`));
    expect(refusalOf(await copy("b", `/${other}/none`))).toMatchObject({ Code: "NoSuchKey" });
    expect(await used()).toBe(60 * kib);
  });

  test("parts count when they are stored, and are given back when replaced, dropped or aborted", async () => {
    const limit = 3 * partBytesMin;
    subject.limits.set(bucket, { hardBytes: limit });
    const upload = await beginUpload(subject, `/${bucket}/whole`);
    const part = Buffer.alloc(partBytesMin, 1);
    const first = await upload.part(1, part);
    await upload.part(2, part);
    await upload.part(2, part.subarray(0, 1000));
    expect(await used()).toBe(partBytesMin + 1000);
    const last = await upload.part(3, part.subarray(0, 10));
    await put("small", 5000);
    expectFull(await upload.part(4, Buffer.alloc(limit - partBytesMin - 6000)));
    const done = await upload.complete([[1, first.headers.etag ?? ""], [3, last.headers.etag ?? ""]]); // prettier-ignore
    expect(done.status).toBe(200);
    expect(await used()).toBe(partBytesMin + 10 + 5000);
    const copied = await beginUpload(subject, `/${bucket}/copied`);
    await copied.copyPart(1, `/${bucket}/whole`);
    await copied.copyPart(2, `/${bucket}/whole`, { "x-amz-copy-source-range": "bytes=0-99" });
    expect(await used()).toBe(2 * (partBytesMin + 10) + 5000 + 100);
    expectFull(await copied.copyPart(3, `/${bucket}/whole`));
    await copied.abort();
    expect(await used()).toBe(partBytesMin + 10 + 5000);
    await remove("whole");
    expect(await used()).toBe(5000);
  });

  test("a bucket that is over its limit can still be emptied and read, and uploads in it completed", async () => {
    const upload = await beginUpload(subject, `/${bucket}/whole`);
    const part = await upload.part(1, Buffer.alloc(50 * kib));
    await put("a", 50 * kib);
    subject.limits.set(bucket, { hardBytes: 1 });
    expect((await subject.send({ method: "GET", target: `/${bucket}/a` })).status).toBe(200);
    expect((await upload.complete([[1, part.headers.etag ?? ""]])).status).toBe(200);
    expectFull(await put("b", 1));
    expect((await put("a", 10)).status).toBe(200);
    expect((await remove("whole")).status).toBe(204);
    expect(await used()).toBe(10);
  });

  test("a write that leaves a bucket over its soft limit is told so, and so is who looks after it", async () => {
    subject.limits.set(bucket, { softBytes: 10 * kib, hardBytes: 100 * kib });
    subject.soft.length = 0;
    const answers = [await put("a", 10 * kib), await put("b", 1), await put("c", 1), await remove("a")]; // prettier-ignore
    expect(answers.map(({ headers }) => headers["x-holdfast-quota"])).toEqual([
      undefined,
      "soft",
      "soft",
      undefined,
    ]);
    expect(subject.soft.map(({ usedBytes, hasCrossed }) => [usedBytes, hasCrossed])).toEqual([
      [10 * kib + 1, true],
      [10 * kib + 2, false],
    ]);
    expect(subject.soft[0]?.request).toMatchObject({ bucket, key: "b" });
  });

  test("of 64 uploads that race for room for ten, ten are stored", async () => {
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) => put(`k${index}`, 10 * kib)),
    );
    const stored = answers.filter(({ status }) => status === 200);
    expect(stored).toHaveLength(10);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 507]));
    expect(await used()).toBe(100 * kib);
  });

  test("what a bucket held before it had a quota counts from the first write", async () => {
    subject.limits.delete(bucket);
    await put("before", 95 * kib);
    const upload = await beginUpload(subject, `/${bucket}/open`);
    await upload.part(1, Buffer.alloc(3 * kib));
    expect(await subject.quotas.usage(bucket)).toBeUndefined();
    subject.limits.set(bucket, { hardBytes: 100 * kib });
    expectFull(await put("after", 5 * kib));
    expect(await used()).toBe(98 * kib);
  });

  test("what was written while a bucket had no quota counts once it has one again", async () => {
    await put("a", 10 * kib);
    subject.limits.delete(bucket);
    await put("b", 80 * kib);
    subject.limits.set(bucket, { hardBytes: 100 * kib });
    expectFull(await put("c", 11 * kib));
    expect(await used()).toBe(90 * kib);
  });

  test("a bucket that is deleted and made again begins at nothing", async () => {
    await put("a", 60 * kib);
    await remove("a");
    const upload = await beginUpload(subject, `/${bucket}/open`);
    await upload.part(1, Buffer.alloc(80 * kib));
    expect((await subject.send({ method: "DELETE", target: `/${bucket}` })).status).toBe(204);
    expect((await subject.send({ method: "PUT", target: `/${bucket}` })).status).toBe(200);
    expect((await put("a", 100 * kib)).status).toBe(200);
    expect(await used()).toBe(100 * kib);
  });
});
