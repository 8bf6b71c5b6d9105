import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerToHead, refusalOf, startSubject, type Answer, type Ask, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore
import { beginUpload, completion, type NamedPart } from "../upload-in-parts.test.support.ts";

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject();
  await subject.send({ method: "PUT", target: "/bucket" });
});
afterAll(() => subject.close());

function post(body: string | Buffer, rest: Partial<Ask> = {}): Promise<Answer> {
  const headers = { "content-md5": createHash("md5").update(body).digest("base64") };
  return subject.send({ method: "POST", target: "/bucket?delete", body, headers, ...rest });
}

const entities = Array.from(
  { length: 20 },
  (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};&e${i};&e${i};&e${i};&e${i};&e${i};&e${i};">`,
);
const key = "<Object><Key>a</Key></Object>";

test.each<[string, string | Buffer]>([
  ["a bomb of entities", `<!DOCTYPE d [<!ENTITY e0 "ha">${entities.join("")}]><Delete>&e20;</Delete>`],
  ["an external entity", '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&x;</Key></Object></Delete>'],
  ["an entity that is not declared", "<Delete><Object><Key>&x;</Key></Object></Delete>"],
  ["a document that is too deep", "<a>".repeat(200_000)],
  ["a document of too many elements", `<Delete>${"<Object/>".repeat(200_000)}</Delete>`],
  ["another root", `<Deletes>${key}</Deletes>`],
  ["two roots", `<Delete>${key}</Delete><Delete>${key}</Delete>`],
  ["bytes that are not UTF-8", Buffer.from([0x3c, 0x44, 0xff, 0x3e])],
  ["UTF-16", Buffer.from(`\ufeff<Delete>${key}</Delete>`, "utf16le")],
  ["white space alone", "   \n"],
  ["tags that cross", "<Delete><Object><Key>a</Object></Key></Delete>"],
])("%s is malformed", async (_, body) => {
  const { status, Code } = refusalOf(await post(body));
  expect([status, Code]).toEqual([400, "MalformedXML"]);
}); // prettier-ignore

test("a document with a byte order mark, a declaration, comments and CDATA is read", async () => {
  const body = `\ufeff<?xml version="1.0" encoding="UTF-8"?><!-- c --><Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Object><Key><![CDATA[a<b]]></Key></Object></Delete>`;
  const answer = await post(body);
  expect(answer.status).toBe(200);
  expect(answer.body.toString()).toContain("<Key>a&lt;b</Key>");
});

test("a document over 2 MiB is refused before it is sent", async () => {
  const headers = { "content-md5": "rL0Y20zC+Fzt72VPzMSk2A==" };
  const ask = { method: "POST", target: "/bucket?delete", headers };
  const framing = { "content-length": String(2 * 1024 * 1024 + 1), expect: "100-continue" };
  const answer = await answerToHead(subject, ask, framing);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain("<Code>MaxMessageLengthExceeded</Code>");
});

test("the connection of a document over 2 MiB ends with its refusal", async () => {
  const body = Buffer.alloc(2 * 1024 * 1024 + 1, " ");
  const answer = await post(body);
  expect(refusalOf(answer)).toMatchObject({ status: 400, Code: "MaxMessageLengthExceeded" });
  expect(answer.headers.connection).toBe("close");
});

test("10,000 parts with a checksum each are read, and one more is too many", async () => {
  const upload = await beginUpload(subject, "/bucket/many-parts");
  const etag = "0".repeat(32);
  const checksum = `<ChecksumSHA256>${"A".repeat(43)}=</ChecksumSHA256>`;
  const parts = Array.from({ length: 10_000 }, (_, i): NamedPart => [
    i + 1,
    `&quot;${etag}&quot;`,
    checksum,
  ]);
  expect(refusalOf(await upload.completeWith(completion(parts)))).toMatchObject({
    Code: "InvalidPart",
    PartNumber: "1",
  });
  const more = completion([...parts, [10_001, etag]]);
  expect(refusalOf(await upload.completeWith(more))).toMatchObject({ Code: "MalformedXML" });
});

describe("a document is bound", () => {
  const body = `<Delete>${key}</Delete>`;
  test("to the hash that was signed", async () => {
    expect(refusalOf(await post(body, { payload: "0".repeat(64) }))).toMatchObject({
      Code: "XAmzContentSHA256Mismatch",
    });
  });

  test("to the checksum in its trailer", async () => {
    const framed = (crc: string): string =>
      `${body.length.toString(16)}\r\n${body}\r\n0\r\nx-amz-checksum-crc32:${crc}\r\n\r\n`;
    const rest = {
      payload: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      headers: {
        "content-encoding": "aws-chunked",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "x-amz-decoded-content-length": String(body.length),
      },
    };
    expect(refusalOf(await post(framed("AAAAAA=="), rest))).toMatchObject({ Code: "BadDigest" });
  });
});
