import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import * as fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { uriEncode } from "@holdfast/protocol";
import { credentials, documentOf, fieldsOf, refusalOf, region, startSubject, type Answer, type Ask, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore

let subject: Subject;
let s3: S3Client;
beforeAll(async () => {
  subject = await startSubject();
  const { endpoint } = subject.gateway;
  s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await subject.send({ method: "PUT", target: "/bucket" });
});
beforeEach(async () => {
  const headers = { "x-amz-meta-origin": "source" };
  await subject.send({ method: "PUT", target: "/bucket/source", body: "the source", headers });
  await subject.send({ method: "DELETE", target: "/bucket/k" });
});
afterAll(async () => {
  s3.destroy();
  await subject.close();
});

const at = { Bucket: "bucket", Key: "k" };

/** Sends what was presigned as its holder would: with nothing but the body. */
async function follow(url: string, method: string, body?: string): Promise<Response> {
  expect(new URL(url).searchParams.get("X-Amz-SignedHeaders")).toBe("host");
  return fetch(url, { method, ...(body !== undefined && { body }) });
}

const metadataOf = async (key = "k"): Promise<Readonly<Record<string, string>>> =>
  (await subject.engine.headObject(subject.inEngine("bucket"), key)).metadata.user;

describe("what the AWS SDK presigns", () => {
  test("stores an object with the metadata that it was signed with", async () => {
    const own = { author: "A B+c/d%20&=é", empty: "", "a.b_c": "漢字" };
    const command = new PutObjectCommand({
      ...at,
      Metadata: own,
      ACL: "private",
      StorageClass: "STANDARD",
    });
    const answer = await follow(await getSignedUrl(s3, command), "PUT", "hello");
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    const bytes = Object.entries(own).map(([name, value]) => [
      name,
      Buffer.from(value).toString("latin1"),
    ]);
    expect(await metadataOf()).toEqual(Object.fromEntries(bytes));
    const got = await follow(await getSignedUrl(s3, new GetObjectCommand(at)), "GET");
    expect([got.headers.get("x-amz-meta-author"), await got.text()]).toEqual([
      bytes[0]?.[1],
      "hello",
    ]);
  });

  test("copies, with the metadata of the source or with its own", async () => {
    const CopySource = "/bucket/source";
    const copied = await follow(
      await getSignedUrl(s3, new CopyObjectCommand({ ...at, CopySource })),
      "PUT",
    );
    expect([copied.status, documentOf(await read(copied)).name]).toEqual([200, "CopyObjectResult"]);
    expect(await metadataOf()).toEqual({ origin: "source" });
    const replacing = { MetadataDirective: "REPLACE", Metadata: { a: "b" } } as const;
    const command = new CopyObjectCommand({ ...at, CopySource, ...replacing });
    expect((await follow(await getSignedUrl(s3, command), "PUT")).status).toBe(200);
    expect(await metadataOf()).toEqual({ a: "b" });
    const { body } = await subject.send({ method: "GET", target: "/bucket/k" });
    expect(body.toString()).toBe("the source");
  });

  test("begins an upload in parts with its metadata", async () => {
    const command = new CreateMultipartUploadCommand({ ...at, Metadata: { a: "b" } });
    const begun = await read(await follow(await getSignedUrl(s3, command), "POST"));
    const { UploadId = "" } = fieldsOf(documentOf(begun));
    const query = `uploadId=${uriEncode(UploadId)}`;
    const target = `/bucket/k?partNumber=1&${query}`;
    const { headers } = await subject.send({ method: "PUT", target, body: "x" });
    const part = `<Part><PartNumber>1</PartNumber><ETag>${headers.etag}</ETag></Part>`;
    const body = `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`;
    const done = await subject.send({ method: "POST", target: `/bucket/k?${query}`, body });
    expect(done.status).toBe(200);
    expect(await metadataOf()).toEqual({ a: "b" });
  });

  test("is refused for an ACL that opens the object, as it is in a header", async () => {
    const command = new PutObjectCommand({ ...at, ACL: "public-read" });
    const answer = await read(await follow(await getSignedUrl(s3, command), "PUT", "hello"));
    expect(refusalOf(answer)).toMatchObject({ status: 501, Header: "x-amz-acl" });
    expect(await isStored()).toBe(false);
  });

  test("is refused for tags where none are kept, as it is in a header", async () => {
    const command = new PutObjectCommand({ ...at, Tagging: "a=b" });
    const answer = await read(await follow(await getSignedUrl(s3, command), "PUT", "hello"));
    expect(refusalOf(answer)).toMatchObject({ status: 501, Code: "NotImplemented" });
    expect(await isStored()).toBe(false);
  });
});

async function read(response: Response): Promise<Answer> {
  const body = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: {}, rawHeaders: [], body };
}

async function isStored(): Promise<boolean> {
  const { status } = await subject.send({ method: "HEAD", target: "/bucket/k" });
  return status === 200;
}

type Named = readonly (readonly [name: string, value: string])[];
const targetWith = (named: Named): string =>
  `/bucket/k?${named.map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`).join("&")}`;
const put = (named: Named, more: Pick<Ask, "headers"> = {}): Promise<Answer> =>
  subject.send({
    method: "PUT",
    target: targetWith(named),
    body: "x",
    expiresSeconds: 60,
    ...more,
  });

describe("a header in the query", () => {
  const oneOf = (name: string, ...values: string[]): fc.Arbitrary<readonly [string, string]> =>
    fc.constantFrom(...values).map((value) => [name, value] as const);
  const metadata = fc.tuple(
    fc.constantFrom("a", "b", "Mixed-Case", "x_y.z", "a".repeat(200)).map((name) => `x-amz-meta-${name}`), // prettier-ignore
    fc.oneof(
      fc.stringMatching(/^[\x20-\x7e]*$/),
      fc.constantFrom("é漢字", "  a  b ", "x".repeat(1000), "\t", "", "%41+%2B"),
    ),
  );
  const header = fc.oneof(
    { weight: 5, arbitrary: metadata },
    oneOf("x-amz-acl", "private", "public-read", "bucket-owner-full-control"),
    oneOf("x-amz-storage-class", "STANDARD", "GLACIER"),
    oneOf("X-Amz-Tagging", "", "a=b"),
    oneOf("x-amz-server-side-encryption", "aws:kms"),
    { weight: 2, arbitrary: oneOf("x-amz-copy-source", "/bucket/source", "bucket%2Fsource") },
    oneOf("x-amz-copy-source", "/bucket/none", "none", "/none-such/k"),
    oneOf("x-amz-metadata-directive", "COPY", "REPLACE", "OTHER"),
    oneOf("x-amz-copy-source-if-match", "*", '"another"'),
    oneOf("x-amz-object-lock-mode", "GOVERNANCE"),
    oneOf("x-amz-expected-bucket-owner", "123456789012"),
    oneOf("x-amz-request-payer", "requester"),
    oneOf("x-amz-unheard-of", "1"),
  );
  const sameName = { selector: ([name]: readonly [string, string]) => name.toLowerCase() };
  const headers = fc.uniqueArray(header, { ...sameName, maxLength: 4 });

  /** Of a PUT with so many of these among its headers, and the others in its query. */
  async function outcome(named: Named, kept: number): Promise<unknown> {
    await subject.send({ method: "DELETE", target: "/bucket/k" });
    const bytes = named
      .slice(0, kept)
      .map(([name, value]) => [name, Buffer.from(value).toString("latin1").trim()]);
    const copies = named.some(([name]) => name === "x-amz-copy-source");
    const answer = await subject.send({
      method: "PUT",
      target: targetWith(named.slice(kept)),
      headers: Object.fromEntries(bytes),
      expiresSeconds: 60,
      ...(!copies && { body: "x" }),
    });
    const told = answer.body.length === 0 ? {} : fieldsOf(documentOf(answer));
    const { RequestId: _, HostId: __, LastModified: ___, ...said } = told;
    const stored = await subject.send({ method: "GET", target: "/bucket/k" });
    const own = Object.entries(stored.headers).filter(([name]) => name.startsWith("x-amz-meta-"));
    const body = stored.status === 200 ? stored.body.toString() : stored.status;
    return { status: answer.status, said, own: Object.fromEntries(own), body };
  }

  test("comes to what it comes to among the headers", { timeout: 300_000 }, async () => {
    let stored = 0;
    let copied = 0;
    const property = fc.asyncProperty(headers, fc.nat({ max: 4 }), async (named, kept) => {
      const among = await outcome(named, named.length);
      expect(await outcome(named, 0)).toEqual(among);
      expect(await outcome(named, kept)).toEqual(among);
      const shown = JSON.stringify(among);
      if (shown.includes('"status":200')) stored += 1;
      if (shown.includes('"the source"')) copied += 1;
    });
    await fc.assert(property, { numRuns: 150 });
    expect(Math.min(stored, copied)).toBeGreaterThan(0);
    console.log(`150 sets of headers in three places: ${stored} stored, ${copied} of them copies`);
  });

  test("may stand among the signed headers, too, with the same value alone", async () => {
    const twice = { headers: { "x-amz-meta-a": "1" } };
    expect((await put([["X-Amz-Meta-A", "1"]], twice)).status).toBe(200);
    expect(await metadataOf()).toEqual({ a: "1" });
    const other = await put([["x-amz-meta-a", "2"]], twice);
    expect(refusalOf(other)).toMatchObject({ status: 400, Code: "InvalidRequest" });
    expect(await metadataOf()).toEqual({ a: "1" });
  });

  test.each<[string, Named, string]>([
    ["twice, in two spellings", [["x-amz-meta-a", "1"], ["X-Amz-Meta-A", "2"]], "InvalidRequest"],
    ["twice, in two spellings with one value", [["x-amz-meta-a", "1"], ["X-Amz-Meta-A", "1"]], "AuthorizationQueryParametersError"],
    ["with a line of its own", [["x-amz-meta-a", "1\r\nx-amz-acl: public-read"]], "InvalidArgument"],
    ["with a control character", [["x-amz-meta-a", "\u0000"]], "InvalidArgument"],
    ["under a name that is none", [["x-amz-meta-a\r\nb", "1"]], "InvalidArgument"],
    ["under a name with a space", [["x-amz-meta-a b", "1"]], "InvalidArgument"],
    ["that frames a body", [["x-amz-decoded-content-length", "0"]], "NotImplemented"],
    ["that announces a trailer", [["x-amz-trailer", "x-amz-checksum-crc32"]], "NotImplemented"],
    ["that dates the request another time", [["x-amz-date", "20200101T000000Z"]], "AuthorizationQueryParametersError"],
    ["that says how the body comes", [["x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"]], "InvalidRequest"],
    ["that is a customer's key", [["x-amz-server-side-encryption-customer-key", "a2V5"]], "NotImplemented"],
    ["that is a source's key", [["X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key", "a2V5"]], "NotImplemented"],
  ])("%s is refused", async (_, named, code) => {
    expect(refusalOf(await put(named))["Code"]).toBe(code);
    expect(await isStored()).toBe(false);
  }); // prettier-ignore

  test("that speaks of another body, as presigners have it, says nothing of this one", async () => {
    const named = [["x-amz-checksum-crc32", "AAAAAA=="], ["x-amz-sdk-checksum-algorithm", "CRC32"]] as const; // prettier-ignore
    expect((await put(named)).status).toBe(200);
  });

  test("that was changed, added or left out after it was signed is not believed", async () => {
    const command = new PutObjectCommand({ ...at, Metadata: { a: "b" } });
    const url = await getSignedUrl(s3, command);
    for (const forged of [
      url.replace("x-amz-meta-a=b", "x-amz-meta-a=c"),
      url.replace("x-amz-meta-a=b", "x-amz-meta-b=b"),
      url.replace("x-amz-meta-a=b&", ""),
      `${url}&x-amz-meta-b=c`,
      `${url}&x-amz-copy-source=${uriEncode("/bucket/source")}`,
    ]) {
      expect(forged).not.toBe(url);
      const copies = forged.includes("copy-source");
      const answer = await read(await follow(forged, "PUT", copies ? undefined : "hello"));
      expect(refusalOf(answer)["Code"]).toBe("SignatureDoesNotMatch");
    }
    expect(await isStored()).toBe(false);
  });

  test("is none where something else signs", async () => {
    const target = targetWith([["x-amz-meta-a", "1"]]);
    const answer = await subject.send({ method: "PUT", target, body: "x" });
    expect(refusalOf(answer)).toMatchObject({ status: 501, Code: "NotImplemented" });
  });
});
