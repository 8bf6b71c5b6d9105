import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { childrenNamed, childText, uriEncode } from "@holdfast/protocol";
import { documentOf, refusalOf } from "../s3-subject.test.support.ts";
import {
  startFront,
  startRawUpstream,
  type Front,
  type RawUpstream,
} from "./front.test.support.ts";

let upstream: RawUpstream;
let front: Front;
let answer = "";
beforeAll(async () => {
  upstream = await startRawUpstream(({ socket }) => socket.write(answer));
  front = await startFront([upstream.endpoint]);
});
afterAll(async () => {
  await front.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.seen.length = 0;
  answer = say("", 'etag: "x"');
});

const say = (body: string, ...headers: string[]): string =>
  `HTTP/1.1 200 OK\r\n${headers.map((line) => `${line}\r\n`).join("")}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const line = (): string => upstream.seen[0]?.head.split("\r\n")[0] ?? "";
const sent = (name: string): string | undefined =>
  new RegExp(`^${name}: (.*)$`, "im").exec(upstream.seen[0]?.head ?? "")?.[1];
const path = (key: string): string => key.split("/").map(uriEncode).join("/");

test.each([
  "a/../b",
  "./key",
  "a//b",
  "/lead",
  "trail/",
  "a/..",
  "...",
  "%2F",
  "a%2Fb",
  "a+b c",
  "ü😀",
  "(!*')~",
  "a\r\nb",
  "\u0001",
  "?x#y&z",
  "%",
  "%41",
])("the key %j reaches the upstream as it is", async (key) => {
  const got = await front.send({ method: "PUT", target: `/bucket/${path(key)}`, body: "x" });
  expect(got.status).toBe(200);
  expect(line()).toBe(`PUT /far-bucket/${path(key)} HTTP/1.1`);
});

test.each(["../far-other/key", "..", "a/../../b"])(
  "the key %j, whose dots lead above the bucket, reaches no upstream",
  async (key) => {
    const got = await front.send({ method: "PUT", target: `/bucket/${path(key)}`, body: "x" });
    expect(got.status).toBe(400);
    expect(upstream.seen).toEqual([]);
  },
);

test("any key reaches the upstream as it is, however its client spells it", async () => {
  const key = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
    .filter((one) => !/\p{Surrogate}/u.test(one) && !one.includes(".."));
  const property = fc.asyncProperty(key, async (one) => {
    upstream.seen.length = 0;
    const got = await front.send({ method: "PUT", target: `/bucket/${path(one)}`, body: "x" });
    expect(got.status).toBe(200);
    expect(line()).toBe(`PUT /far-bucket/${path(one)} HTTP/1.1`);
  });
  await fc.assert(property, { numRuns: 60 });
});

test("of a query goes on what the operation takes, and a page is no longer than S3's", async () => {
  answer = say("<ListBucketResult><Name>far-bucket</Name></ListBucketResult>");
  const query = "list-type=2&prefix=a%2Bb+c&max-keys=5000&x-id=ListObjectsV2&delimiter=";
  expect((await front.send({ method: "GET", target: `/bucket?${query}` })).status).toBe(200);
  expect(line()).toBe(
    "GET /far-bucket/?list-type=2&prefix=a%2Bb%20c&delimiter&max-keys=1000 HTTP/1.1",
  );
});

test("a query that an upstream could take for a header does not go on", async () => {
  const target = "/bucket/key?x-amz-copy-source=%2Ffar-other%2Fkey&X-Amz-Acl=public-read";
  const got = await front.send({ method: "PUT", target, body: "x" });
  expect(refusalOf(got)).toMatchObject({ status: 501, Code: "NotImplemented" });
  expect(upstream.seen).toEqual([]);
});

test("of a presigned query goes on as headers what was moved into it, and nothing as a query", async () => {
  const moved = "X-Amz-Meta-A=b%20c&x-amz-acl=private&x-amz-tagging=t%3Du&x-amz-checksum-crc32=AAAAAA%3D%3D"; // prettier-ignore
  const target = `/bucket/key?${moved}`;
  const got = await front.send({ method: "PUT", target, body: "x", expiresSeconds: 60 });
  expect(got.status).toBe(200);
  expect(line()).toBe("PUT /far-bucket/key HTTP/1.1");
  const names = ["x-amz-meta-a", "x-amz-acl", "x-amz-tagging", "x-amz-checksum-crc32"];
  expect(names.map((name) => sent(name))).toEqual(["b c", "private", "t=u", undefined]);
});

test("a source in a presigned query goes on as the header that it was, in the upstream's names", async () => {
  answer = say("<CopyObjectResult><ETag>x</ETag></CopyObjectResult>");
  const target = "/bucket/key?x-amz-copy-source=%2Fsecond%2Fa%2520b";
  const got = await front.send({ method: "PUT", target, expiresSeconds: 60 });
  expect(got.status).toBe(200);
  expect([line(), sent("x-amz-copy-source")]).toEqual([
    "PUT /far-bucket/key HTTP/1.1",
    "/far-second/a%20b",
  ]);
});

test.each([
  ["/second/a%20b/%C3%BC", "/far-second/a%20b/%C3%BC"],
  ["bucket/a/../x", "/far-bucket/a/../x"],
])("the source of a copy %s is %s there", async (source, there) => {
  answer = say("<CopyObjectResult><ETag>x</ETag></CopyObjectResult>");
  const headers = { "x-amz-copy-source": source };
  expect((await front.send({ method: "PUT", target: "/bucket/key", headers })).status).toBe(200);
  expect(sent("x-amz-copy-source")).toBe(there);
});

test("a copy from another store is refused, and nobody asked", async () => {
  const headers = { "x-amz-copy-source": "/embedded/key" };
  const got = await front.send({ method: "PUT", target: "/bucket/key", headers });
  expect(refusalOf(got)).toMatchObject({ status: 501, Code: "NotImplemented" });
  expect(upstream.seen).toEqual([]);
});

test("keys in a listing come back as they were, and names are this gateway's", async () => {
  const keys = ["a&amp;b", " lead", "x&#13;y", "&#x1;", "far-bucket", "<![CDATA[<Name>far]]>", "0x10"]; // prettier-ignore
  const entries = keys.map(
    (key) =>
      `<Contents><Key>${key}</Key><Owner><ID>inner-account</ID></Owner><Size>1</Size></Contents>`,
  );
  const more = "<Name>far-bucket</Name><Prefix>far-bucket</Prefix><NextContinuationToken>t</NextContinuationToken>"; // prettier-ignore
  answer = say(`<?xml version="1.0"?>\n<ListBucketResult xmlns="urn:x">\n ${more}${entries.join("\n")}</ListBucketResult>`); // prettier-ignore
  const got = await front.send({ method: "GET", target: "/bucket?list-type=2" });
  const document = documentOf(got);
  const found = childrenNamed(document, "Contents").map((one) => childText(one, "Key"));
  expect(found).toEqual(["a&b", " lead", "x\ry", "\u0001", "far-bucket", "<Name>far", "0x10"]);
  expect(childText(document, "Name")).toBe("bucket");
  expect(childText(document, "Prefix")).toBe("far-bucket");
  expect(childText(document, "NextContinuationToken")).toBe("t");
  expect(got.body.toString()).not.toContain("inner-account");
});

test("a completed upload is where its client asked for it", async () => {
  answer = say(
    "<CompleteMultipartUploadResult><Location>http://inner:1/far-bucket/a b</Location><Bucket>far-bucket</Bucket><Key>a b</Key><ETag>e</ETag></CompleteMultipartUploadResult>",
  );
  const body = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>"; // prettier-ignore
  const got = await front.send({ method: "POST", target: "/bucket/a%20b?uploadId=u", body });
  const document = documentOf(got);
  const host = `127.0.0.1:${front.gateway.port}`;
  expect(childText(document, "Location")).toBe(`http://${host}/bucket/a%20b`);
  expect(childText(document, "Bucket")).toBe("bucket");
});

test("a bucket's region is this gateway's, and its deletion is not the upstream's to carry out", async () => {
  answer = say("<LocationConstraint>eu-far-1</LocationConstraint>");
  const located = await front.send({ method: "GET", target: "/bucket?location" });
  expect(documentOf(located).text).toBe("");
  answer = say("", "x-amz-bucket-region: eu-far-1");
  const head = await front.send({ method: "HEAD", target: "/bucket" });
  expect(head.headers["x-amz-bucket-region"]).toBe("us-east-1");
  upstream.seen.length = 0;
  expect((await front.send({ method: "DELETE", target: "/bucket" })).status).toBe(405);
  expect(upstream.seen).toEqual([]);
});
