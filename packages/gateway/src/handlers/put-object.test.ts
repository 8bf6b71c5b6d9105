import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checksumAlgorithms, checksumHeader } from "@holdfast/protocol";
import { createChecksum } from "@holdfast/engine";
import type { ChecksumAlgorithm } from "@holdfast/protocol";
import {
  answerToHead,
  refusalOf,
  startSubject,
  type Answer,
  type Ask,
  type Subject,
} from "../s3-subject.test.support.ts";

let subject: Subject;
let target: string;
let keys = 0;
beforeAll(async () => {
  subject = await startSubject();
  await subject.send({ method: "PUT", target: "/bucket" });
});
afterAll(() => subject.close());
beforeEach(() => {
  target = `/bucket/key-${(keys += 1)}`;
});

type Headers = Record<string, string>;
const body = "what is stored";
const put = (headers: Headers = {}, rest: Partial<Ask> = {}): Promise<Answer> =>
  subject.send({ method: "PUT", target, body, headers, ...rest });
const get = (): Promise<Answer> => subject.send({ method: "GET", target });
const md5 = (bytes: string): string => createHash("md5").update(bytes).digest("base64");

function checksumOf(algorithm: ChecksumAlgorithm, bytes = body): string {
  const checksum = createChecksum(algorithm);
  checksum.update(Buffer.from(bytes));
  return checksum.digest().toString("base64");
}

/** The refusal, after which nothing may be stored. */
async function refused(answer: Answer): Promise<Record<string, string | number>> {
  expect((await get()).status).toBe(404);
  return refusalOf(answer);
}

test("an object comes back as it was put, the empty one too", async () => {
  const answer = await put();
  expect(answer.status).toBe(200);
  expect(answer.body).toHaveLength(0);
  expect(answer.headers.etag).toBe(`"${createHash("md5").update(body).digest("hex")}"`);
  expect(answer.headers["x-amz-checksum-crc64nvme"]).toBe(checksumOf("CRC64NVME"));
  expect((await get()).body.toString()).toBe(body);
  expect((await put({}, { body: "" })).headers.etag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
  expect((await get()).body).toHaveLength(0);
});

describe("Content-MD5", () => {
  test("lets the right body in", async () => {
    expect((await put({ "content-md5": md5(body) })).status).toBe(200);
  });

  test("keeps the wrong body out, and tells both digests", async () => {
    expect(await refused(await put({ "content-md5": md5("other") }))).toMatchObject({
      status: 400,
      Code: "BadDigest",
      ExpectedDigest: expect.stringMatching(/./),
      CalculatedDigest: expect.stringMatching(/./),
    });
  });

  test.each(["", "junk", "AAAA", `${md5(body)}=`, md5(body).slice(0, -2)])(
    "%j is no digest",
    async (value) => {
      expect(await refused(await put({ "content-md5": value }))).toMatchObject({
        status: 400,
        Code: "InvalidDigest",
        "Content-MD5": value,
      });
    },
  );
});

/** A body in aws-chunked framing without signatures, with what stands in its trailer section. */
function chunked(trailers: string): Partial<Ask> {
  const framed = `${body.length.toString(16)}\r\n${body}\r\n0\r\n${trailers}\r\n`;
  return { body: framed, payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER" };
}

function chunkedHeaders(more: Headers): Headers {
  return {
    "content-encoding": "aws-chunked",
    "x-amz-decoded-content-length": String(body.length),
    ...more,
  };
}

describe.each(checksumAlgorithms)("a checksum of %s", (algorithm) => {
  const header = checksumHeader(algorithm);
  const right = checksumOf(algorithm);
  const wrong = checksumOf(algorithm, "other");

  test("is held against the body, and told with the object", async () => {
    const answer = await put({ [header]: right, "x-amz-sdk-checksum-algorithm": algorithm });
    expect(answer.status).toBe(200);
    expect(answer.headers[header]).toBe(right);
    const head = { method: "HEAD", target, headers: { "x-amz-checksum-mode": "ENABLED" } };
    expect((await subject.send(head)).headers[header]).toBe(right);
  });

  test("that is wrong keeps the body out", async () => {
    expect(await refused(await put({ [header]: wrong }))).toMatchObject({
      status: 400,
      Code: "BadDigest",
      ExpectedDigest: wrong,
      CalculatedDigest: right,
    });
  });

  test.each(["", "junk!", "AA==", `${right}=`])("that is %j is malformed", async (value) => {
    expect(await refused(await put({ [header]: value }))).toMatchObject({
      status: 400,
      Code: "InvalidRequest",
    });
  });

  test("in a trailer is held against the body", async () => {
    const headers = chunkedHeaders({ "x-amz-trailer": header });
    const answer = await put(headers, chunked(`${header}:${right}\r\n`));
    expect(answer.status).toBe(200);
    expect(answer.headers[header]).toBe(right);
    const stored = await get();
    expect(stored.body.toString()).toBe(body);
    expect(stored.headers["content-encoding"]).toBeUndefined();
    target += "-wrong";
    expect(await refused(await put(headers, chunked(`${header}:${wrong}\r\n`)))).toMatchObject({
      status: 400,
      Code: "BadDigest",
    });
    expect(await refused(await put(headers, chunked(`${header}:junk\r\n`)))).toMatchObject({
      status: 400,
      Code: "InvalidRequest",
    });
  });
});

describe("a request that contradicts itself stores nothing:", () => {
  const crc32 = checksumHeader("CRC32");
  const sha1 = checksumHeader("SHA1");
  test.each<[string, Headers]>([
    ["two checksums", { [crc32]: checksumOf("CRC32"), [sha1]: checksumOf("SHA1") }],
    ["an algorithm without its checksum", { "x-amz-sdk-checksum-algorithm": "CRC32" }],
    ["another one", { "x-amz-sdk-checksum-algorithm": "CRC32", [sha1]: checksumOf("SHA1") }],
    ["an unknown algorithm", { "x-amz-sdk-checksum-algorithm": "CRC31" }],
    ["a checksum of another algorithm", { "x-amz-checksum-algorithm": "CRC32", [sha1]: checksumOf("SHA1") }], // prettier-ignore
    ["a checksum that does not exist", { "x-amz-checksum-crc31": "AAAAAA==" }],
  ])("%s", async (_, headers) => {
    const { status, Code } = await refused(await put(headers));
    expect([400, 501]).toContain(status);
    expect(["InvalidRequest", "NotImplemented"]).toContain(Code);
  });

  test.each<[string, Headers, string, string]>([
    ["a trailer left out", { "x-amz-trailer": crc32 }, "", "MalformedTrailerError"],
    ["a trailer not announced", {}, `${crc32}:${checksumOf("CRC32")}\r\n`, "MalformedTrailerError"],
    ["another trailer", { "x-amz-trailer": sha1 }, `${crc32}:${checksumOf("CRC32")}\r\n`, "MalformedTrailerError"], // prettier-ignore
    ["a trailer without a name", { "x-amz-trailer": crc32 }, `:${checksumOf("CRC32")}\r\n`, "MalformedTrailerError"], // prettier-ignore
    [
      "a trailer that is no checksum",
      { "x-amz-trailer": "x-foo" },
      "x-foo:1\r\n",
      "InvalidRequest",
    ],
    ["a header and a trailer", { "x-amz-trailer": crc32, [sha1]: checksumOf("SHA1") }, `${crc32}:${checksumOf("CRC32")}\r\n`, "InvalidRequest"], // prettier-ignore
    ["an algorithm that is not the trailer's", { "x-amz-trailer": crc32, "x-amz-sdk-checksum-algorithm": "SHA1" }, `${crc32}:${checksumOf("CRC32")}\r\n`, "InvalidRequest"], // prettier-ignore
    ["a length that is too short", { "x-amz-decoded-content-length": "12" }, "", "IncompleteBody"],
    ["a length that is too long", { "x-amz-decoded-content-length": "16" }, "", "IncompleteBody"],
  ])("%s", async (...row) => {
    const [, headers, trailers, code] = row;
    const answer = await put(chunkedHeaders(headers), chunked(trailers));
    expect(await refused(answer)).toMatchObject({ status: 400, Code: code });
  });

  test("a trailer in a body that has none", async () => {
    const headers = { "x-amz-trailer": crc32 };
    expect(await refused(await put(headers))).toMatchObject({ Code: "MalformedTrailerError" });
  });

  test.each([{}, { "x-amz-decoded-content-length": "abc" }, { "x-amz-decoded-content-length": "12x" }])(
    "a chunked body of length %j",
    async (headers) => {
      const answer = await put({ "content-encoding": "aws-chunked", ...headers }, chunked(""));
      expect(await refused(answer)).toMatchObject({ status: 411, Code: "MissingContentLength" });
    },
  ); // prettier-ignore
});

test("a chunked body without a trailer, or with its checksum in a header, is stored", async () => {
  expect((await put(chunkedHeaders({}), chunked(""))).headers).toHaveProperty(
    "x-amz-checksum-crc64nvme",
  );
  const headers = chunkedHeaders({ "x-amz-checksum-sha1": checksumOf("SHA1") });
  expect((await put(headers, chunked(""))).status).toBe(200);
  expect((await get()).body.toString()).toBe(body);
});

describe("conditional writes", () => {
  test("If-None-Match: * stores only where nothing is", async () => {
    expect((await put({ "if-none-match": "*" })).status).toBe(200);
    expect(refusalOf(await put({ "if-none-match": "*" }, { body: "new" }))).toMatchObject({
      status: 412,
      Code: "PreconditionFailed",
      Condition: "If-None-Match",
    });
    expect((await get()).body.toString()).toBe(body);
  });

  test("If-Match stores only over the object that it names", async () => {
    expect(await refused(await put({ "if-match": '"x"' }))).toMatchObject({ Code: "NoSuchKey" });
    const etag = (await put()).headers.etag ?? "";
    expect(refusalOf(await put({ "if-match": '"x"' }, { body: "new" }))).toMatchObject({
      status: 412,
      Condition: "If-Match",
    });
    expect((await put({ "if-match": etag }, { body: "new" })).status).toBe(200);
    expect((await get()).body.toString()).toBe("new");
  });

  test("one of many racing first writes wins", async () => {
    const bodies = Array.from({ length: 12 }, (_, index) => `writer ${index}`);
    const answers = await Promise.all(
      bodies.map((one) => put({ "if-none-match": "*" }, { body: one })),
    );
    const won = bodies.filter((_, index) => answers[index]?.status === 200);
    expect(won).toHaveLength(1);
    expect((await get()).body.toString()).toBe(won[0]);
  });

  test.each([{ "if-none-match": '"x"' }, { "if-modified-since": new Date(0).toUTCString() }])(
    "%j is not implemented",
    async (headers) => {
      expect(await refused(await put(headers))).toMatchObject({ status: 501 });
    },
  );
});

describe("what cannot be stored is refused by name:", () => {
  test.each<[Headers, number, string]>([
    [{ "x-amz-acl": "public-read" }, 501, "NotImplemented"],
    [{ "x-amz-grant-read": "id=1" }, 501, "NotImplemented"],
    [{ "x-amz-tagging": "a=b" }, 501, "NotImplemented"],
    [{ "x-amz-server-side-encryption": "AES256" }, 501, "NotImplemented"],
    [{ "x-amz-object-lock-mode": "GOVERNANCE" }, 501, "NotImplemented"],
    [{ "x-amz-website-redirect-location": "/" }, 501, "NotImplemented"],
    [{ "x-amz-write-offset-bytes": "1" }, 501, "NotImplemented"],
    [{ "x-amz-storage-class": "GLACIER" }, 400, "InvalidStorageClass"],
    [{ "x-amz-storage-class": "" }, 400, "InvalidStorageClass"],
    [{ "x-amz-meta-a": "x".repeat(2048) }, 400, "MetadataTooLarge"],
  ])("%j", async (headers, status, code) => {
    expect(await refused(await put(headers))).toMatchObject({ status, Code: code });
  });

  test("what changes nothing is taken", async () => {
    const headers = {
      "x-amz-acl": "private",
      "x-amz-storage-class": "STANDARD",
      "x-amz-tagging": "",
      "x-amz-meta-a": "x".repeat(2047),
    };
    expect((await put(headers)).status).toBe(200);
  });

  test("a bucket that is missing", async () => {
    target = "/missing-bucket/k";
    expect(refusalOf(await put())).toMatchObject({ status: 404, Code: "NoSuchBucket" });
  });

  test("a key of more than 1024 bytes", async () => {
    target = `/bucket/${"%C3%BC".repeat(512)}`;
    expect((await put()).status).toBe(200);
    target += "x";
    expect(refusalOf(await put())).toMatchObject({
      status: 400,
      Code: "KeyTooLongError",
      Size: "1025",
      MaxSizeAllowed: "1024",
    });
  });
});

const answerTo = (headers: Headers): Promise<string> =>
  answerToHead(subject, { method: "PUT", target }, headers);

test("a body over 5 GiB is refused before it is sent", async () => {
  const size = String(5 * 1024 ** 3 + 1);
  const answer = await answerTo({ "content-length": size, expect: "100-continue" });
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain("<Code>EntityTooLarge</Code>");
  expect(answer).toContain(`<ProposedSize>${size}</ProposedSize>`);
  expect(answer).not.toContain("100 Continue");
});

test("a PUT that tells no length is refused", async () => {
  const answer = await answerTo({ connection: "close" });
  expect(answer).toMatch(/^HTTP\/1\.1 411 /);
  expect(answer).toContain("<Code>MissingContentLength</Code>");
  const chunkedAnswer = await answerTo({ "transfer-encoding": "chunked", expect: "100-continue" });
  expect(chunkedAnswer).toMatch(/^HTTP\/1\.1 411 /);
});
