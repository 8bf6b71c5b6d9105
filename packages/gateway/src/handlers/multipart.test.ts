import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createChecksum } from "@holdfast/engine";
import {
  documentOf,
  encodePath,
  fieldsOf,
  refusalOf,
  startSubject,
  type Answer,
  type Subject,
} from "../s3-subject.test.support.ts";
import {
  beginUpload,
  completion,
  partBytesMin,
  resumeUpload,
  type NamedPart,
} from "../upload-in-parts.test.support.ts";

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

const get = (query = "", method = "GET"): Promise<Answer> =>
  subject.send({ method, target: target + query });
const etagOf = (answer: Answer): string => answer.headers.etag ?? "";
const md5 = (bytes: string | Buffer): Buffer => createHash("md5").update(bytes).digest();
const big = Buffer.alloc(partBytesMin, "big part ");

test("the whole life of an upload", async () => {
  const headers = { "content-type": "text/plain", "x-amz-meta-a": "1" };
  const upload = await beginUpload(subject, target, headers);
  const second = await upload.part(2, "the end");
  const first = await upload.part(1, big);
  expect(etagOf(first)).toBe(`"${md5(big).toString("hex")}"`);
  expect((await get()).status).toBe(404);
  const answer = await upload.complete([
    [1, etagOf(first)],
    [2, etagOf(second)],
  ]);
  const etag = `"${md5(Buffer.concat([md5(big), md5("the end")])).toString("hex")}-2"`;
  expect(documentOf(answer).name).toBe("CompleteMultipartUploadResult");
  expect(fieldsOf(documentOf(answer))).toMatchObject({
    Bucket: "bucket",
    Key: target.slice(8),
    ETag: etag,
    Location: expect.stringContaining(target),
  });
  const stored = await get();
  expect(stored.body.equals(Buffer.concat([big, Buffer.from("the end")]))).toBe(true);
  expect(stored.headers).toMatchObject({ etag, ...headers });
  expect(refusalOf(await upload.list())).toMatchObject({ status: 404, Code: "NoSuchUpload" });
});

test("a part sent again replaces the first one, and parts left out are dropped", async () => {
  const upload = await beginUpload(subject, target);
  const replaced = await upload.part(7, "old");
  const kept = await upload.part(7, "new");
  await upload.part(9, "left out");
  const old = refusalOf(await upload.complete([[7, etagOf(replaced)]]));
  expect(old).toMatchObject({ status: 400, Code: "InvalidPart", PartNumber: "7" });
  expect(old).toMatchObject({ UploadId: upload.uploadId, ETag: etagOf(replaced).slice(1, -1) });
  expect((await upload.complete([[7, etagOf(kept)]])).status).toBe(200);
  expect((await get()).body.toString()).toBe("new");
});

test("the location of the new object leads to it, whatever its key", async () => {
  const upload = await beginUpload(subject, `/bucket/${encodePath("a?b#c/ü%20+&")}`);
  const part = await upload.part(1, "x");
  const { Location = "" } = fieldsOf(documentOf(await upload.complete([[1, etagOf(part)]])));
  const { pathname, search, hash } = new URL(Location);
  expect([search, hash]).toEqual(["", ""]);
  const stored = await subject.send({ method: "GET", target: pathname });
  expect(stored.body.toString()).toBe("x");
});

describe("the parts of an object", () => {
  beforeEach(async () => {
    const upload = await beginUpload(subject, target);
    const parts: NamedPart[] = [];
    for (const [number, body] of [[3, big], [5, big], [8, "last"]] as const) {
      parts.push([number, etagOf(await upload.part(number, body))]);
    } // prettier-ignore
    await upload.complete(parts);
  });

  test("are found under the numbers that they were uploaded with", async () => {
    const size = 2 * partBytesMin + 4;
    for (const [number, start, end] of [
      [3, 0, partBytesMin - 1],
      [5, partBytesMin, 2 * partBytesMin - 1],
      [8, 2 * partBytesMin, size - 1],
    ] as const) {
      for (const method of ["GET", "HEAD"]) {
        const { status, headers } = await get(`?partNumber=${number}`, method);
        expect({ status, headers }).toMatchObject({
          status: 206,
          headers: {
            "content-range": `bytes ${start}-${end}/${size}`,
            "content-length": String(end - start + 1),
            "x-amz-mp-parts-count": "3",
          },
        });
      }
    }
    expect((await get("?partNumber=8")).body.toString()).toBe("last");
  });

  test.each([1, 2, 4, 9, 10_000])("of number %i cannot be had", async (number) => {
    expect(refusalOf(await get(`?partNumber=${number}`))).toMatchObject({
      status: 416,
      Code: "InvalidPartNumber",
      PartNumberRequested: String(number),
      ActualPartCount: "3",
    });
    expect((await get(`?partNumber=${number}`, "HEAD")).status).toBe(416);
  });

  test.each(["0", "10001", "-1", "text", "1.0", ""])("have no number %j", async (number) => {
    expect(refusalOf(await get(`?partNumber=${number}`))).toMatchObject({
      status: 400,
      Code: "InvalidArgument",
      ArgumentName: "partNumber",
      ArgumentValue: number,
    });
  });

  test("are not found within a range", async () => {
    const headers = { range: "bytes=0-1" };
    const answer = await subject.send({ method: "GET", target: `${target}?partNumber=3`, headers });
    expect(refusalOf(answer)).toMatchObject({ status: 400, Code: "InvalidRequest" });
  });
});

test("an empty last part is an empty answer, not the object", async () => {
  const upload = await beginUpload(subject, target);
  const parts: NamedPart[] = [
    [1, etagOf(await upload.part(1, big))],
    [2, etagOf(await upload.part(2, ""))],
  ];
  expect((await upload.complete(parts)).status).toBe(200);
  for (const method of ["GET", "HEAD"]) {
    const answer = await get("?partNumber=2", method);
    expect(answer.headers["content-length"]).toBe("0");
    expect(answer.headers["x-amz-mp-parts-count"]).toBe("2");
    expect(answer.body).toHaveLength(0);
  }
});

test("an object put in one piece is its own part 1, without a count", async () => {
  await subject.send({ method: "PUT", target, body: "whole" });
  const answer = await get("?partNumber=1");
  expect([answer.status, answer.body.toString()]).toEqual([206, "whole"]);
  expect(answer.headers["content-range"]).toBe("bytes 0-4/5");
  expect(answer.headers["x-amz-mp-parts-count"]).toBeUndefined();
  expect((await get("?partNumber=2")).status).toBe(416);
  await subject.send({ method: "PUT", target, body: "" });
  expect((await get("?partNumber=1")).headers["content-length"]).toBe("0");
});

const crc = createChecksum("CRC64NVME");
crc.update(Buffer.from("small"));
const rightCrc = { "x-amz-checksum-crc64nvme": crc.digest().toString("base64") };

describe("a completion is refused and changes nothing", () => {
  test.each<[string, (etag: string) => string, string]>([
    ["without a body", () => "", "MalformedXML"],
    ["without parts", () => completion([]), "MalformedXML"],
    ["with another root", (etag) => `<Complete><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></Complete>`, "MalformedXML"], // prettier-ignore
    ["with something else among the parts", (etag) => completion([[1, etag]]).replace("</Comp", "<X/></Comp"), "MalformedXML"], // prettier-ignore
    ["with a part without an etag", () => "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>", "MalformedXML"], // prettier-ignore
    ["with a part without a number", (etag) => `<CompleteMultipartUpload><Part><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`, "MalformedXML"], // prettier-ignore
    ["with a part of two numbers", (etag) => completion([[1, etag, "<PartNumber>2</PartNumber>"]]), "MalformedXML"], // prettier-ignore
    ["with part -4", (etag) => completion([[-4, etag]]), "InvalidArgument"],
    ["with part 0", (etag) => completion([[0, etag]]), "InvalidArgument"],
    ["with part 10001", (etag) => completion([[10_001, etag]]), "InvalidArgument"],
    ["with part text", (etag) => completion([["text", etag]]), "InvalidArgument"],
    ["with a part that is missing", (etag) => completion([[1, etag], [2, etag]]), "InvalidPart"],
    ["with a wrong etag", () => completion([[1, md5("other").toString("hex")]]), "InvalidPart"],
    ["with a part twice", (etag) => completion([[1, etag], [1, etag]]), "InvalidPartOrder"],
    ["with parts out of order", (etag) => completion([[3, etag], [1, etag]]), "InvalidPartOrder"],
    ["with a small part in front", (etag) => completion([[1, etag], [3, etag]]), "EntityTooSmall"],
    ["with a wrong checksum of a part", (etag) => completion([[1, etag, "<ChecksumCRC32>AAAAAA==</ChecksumCRC32>"]]), "InvalidPart"], // prettier-ignore
    ["with a checksum that is none", (etag) => completion([[1, etag, "<ChecksumCRC32>A</ChecksumCRC32>"]]), "InvalidRequest"], // prettier-ignore
  ])("%s", async (_, body, code) => {
    const upload = await beginUpload(subject, target);
    const part = await upload.part(1, "small");
    await upload.part(3, "small");
    expect(refusalOf(await upload.completeWith(body(etagOf(part))))).toMatchObject({
      status: 400,
      Code: code,
    });
    expect((await get()).status).toBe(404);
    expect((await upload.complete([[1, etagOf(part)]])).status).toBe(200);
  }); // prettier-ignore

  test.each<[string, Record<string, string>, string]>([
    ["a wrong size", { "x-amz-mp-object-size": "4" }, "InvalidRequest"],
    ["a size that is none", { "x-amz-mp-object-size": "5x" }, "InvalidRequest"],
    ["a wrong digest", { "content-md5": md5("x").toString("base64") }, "BadDigest"],
    ["a condition that does not hold", { "if-match": '"x"' }, "NoSuchKey"],
    ["a condition that S3 lacks", { "if-none-match": '"x"' }, "NotImplemented"],
    ["a wrong checksum", { "x-amz-checksum-crc64nvme": "AAAAAAAAAAA=" }, "BadDigest"],
    ["a checksum that is none", { "x-amz-checksum-crc64nvme": "x" }, "InvalidRequest"],
    [
      "two checksums",
      { ...rightCrc, "x-amz-checksum-sha1": `${"A".repeat(27)}=` },
      "InvalidRequest",
    ],
    ["another type of checksum", { "x-amz-checksum-type": "COMPOSITE" }, "InvalidRequest"],
    ["a type that does not exist", { "x-amz-checksum-type": "HALF" }, "InvalidRequest"],
  ])("for %s", async (_, headers, code) => {
    const upload = await beginUpload(subject, target);
    const part = await upload.part(1, "small");
    const answer = await upload.complete([[1, etagOf(part)]], headers);
    expect(refusalOf(answer)).toMatchObject({ Code: code });
    expect((await get()).status).toBe(404);
    const right = { ...rightCrc, "x-amz-mp-object-size": "5" };
    expect((await upload.complete([[1, etagOf(part)]], right)).status).toBe(200);
  });
});

test("a small part is told with its size and the least one", async () => {
  const upload = await beginUpload(subject, target);
  const etag = etagOf(await upload.part(1, "small"));
  await upload.part(2, "small");
  const answer = await upload.complete([[1, etag], [2, etag]]); // prettier-ignore
  expect(refusalOf(answer)).toMatchObject({ ProposedSize: "5", MinSizeAllowed: "5242880" });
});

test("completing again with the same parts answers the same object, with others it does not", async () => {
  const upload = await beginUpload(subject, target);
  const etag = etagOf(await upload.part(1, "small"));
  const [first, again] = [await upload.complete([[1, etag]]), await upload.complete([[1, etag]])];
  expect(again.status).toBe(200);
  expect(fieldsOf(documentOf(again))).toEqual(fieldsOf(documentOf(first)));
  expect(refusalOf(await upload.complete([[2, etag]]))).toMatchObject({ Code: "NoSuchUpload" });
});

test("of racing completions under If-None-Match one wins, and the object is its own", async () => {
  const uploads = await Promise.all([0, 1, 2].map(() => beginUpload(subject, target)));
  const parts = await Promise.all(uploads.map((upload, i) => upload.part(1, `body ${i}`)));
  const condition = { "if-none-match": "*" };
  const answers = await Promise.all(
    uploads.map(async (upload, i) => {
      const part = parts[i];
      if (part === undefined) throw new Error("an upload without its part");
      return upload.complete([[1, etagOf(part)]], condition);
    }),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 412, 412]);
  expect((await get()).body.toString()).toBe(`body ${statuses.indexOf(200)}`);
});

test("of racing completions of one upload every answer names the same, whole object", async () => {
  const upload = await beginUpload(subject, target);
  const named: NamedPart[] = [
    [1, etagOf(await upload.part(1, big))],
    [2, etagOf(await upload.part(2, "end"))],
  ];
  const answers = await Promise.all(Array.from({ length: 6 }, () => upload.complete(named)));
  const stored = await get();
  for (const answer of answers) {
    expect(fieldsOf(documentOf(answer))["ETag"]).toBe(etagOf(stored));
  }
  expect(stored.body.equals(Buffer.concat([big, Buffer.from("end")]))).toBe(true);
});

test("of a completion and an abort that race, one happens whole", async () => {
  for (let round = 0; round < 10; round += 1) {
    target = `/bucket/race-${round}`;
    const upload = await beginUpload(subject, target);
    const etag = etagOf(await upload.part(1, "small"));
    const [completed, aborted] = await Promise.all([upload.complete([[1, etag]]), upload.abort()]);
    const isThere = completed.status === 200;
    expect(aborted.status).toBe(isThere ? 404 : 204);
    expect((await get()).status).toBe(isThere ? 200 : 404);
  }
});

test.each(["0", "10001", "-1", "text", ""])("part %j cannot be uploaded", async (number) => {
  const upload = await beginUpload(subject, target);
  expect(refusalOf(await upload.part(number, "x"))).toMatchObject({
    status: 400,
    Code: "InvalidArgument",
    ArgumentName: "partNumber",
  });
});

test("an upload that is aborted is gone, with its parts", async () => {
  const upload = await beginUpload(subject, target);
  const etag = etagOf(await upload.part(1, "x"));
  expect((await upload.abort()).status).toBe(204);
  const answers = [
    await upload.abort(),
    await upload.list(),
    await upload.part(2, "x"),
    await upload.complete([[1, etag]]),
  ];
  for (const answer of answers) {
    expect(refusalOf(answer)).toMatchObject({ status: 404, Code: "NoSuchUpload" });
  }
});

test.each(["unknown", "", "../..", "0".repeat(44), "😀"])(
  "the upload id %j is unknown everywhere, and so is one of another key",
  async (uploadId) => {
    await subject.send({ method: "PUT", target: "/bucket/source", body: "x" });
    const other = await beginUpload(subject, `${target}-other`);
    const uploads = [
      resumeUpload(subject, target, uploadId),
      resumeUpload(subject, target, other.uploadId),
    ];
    for (const upload of uploads) {
      const answers = [
        await upload.part(1, "x"),
        await upload.copyPart(1, "/bucket/source"),
        await upload.complete([[1, "x"]]),
        await upload.abort(),
        await upload.list(),
      ];
      for (const answer of answers) {
        expect(refusalOf(answer)).toMatchObject({ status: 404, Code: "NoSuchUpload" });
      }
    }
  },
);

test("a missing bucket is told before a missing upload", async () => {
  const upload = resumeUpload(subject, "/missing-bucket/k", "unknown");
  for (const answer of [await upload.part(1, "x"), await upload.list(), await upload.abort()]) {
    expect(refusalOf(answer)).toMatchObject({ Code: "NoSuchBucket", BucketName: "missing-bucket" });
  }
  const begin = { method: "POST", target: "/missing-bucket/k?uploads" };
  expect(refusalOf(await subject.send(begin))).toMatchObject({ Code: "NoSuchBucket" });
});
