import { createHash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
  type ChecksumAlgorithm,
  type ChecksumType,
  type CompletedPart,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { documentOf, fieldsOf, credentials, refusalOf, region, startSubject, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore
import { beginUpload, partBytesMin } from "../upload-in-parts.test.support.ts";

let subject: Subject;
let sdk: S3Client;
let target: string;
let keys = 0;
beforeAll(async () => {
  subject = await startSubject();
  const { endpoint } = subject.gateway;
  sdk = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  await subject.send({ method: "PUT", target: "/bucket" });
});
afterAll(async () => {
  sdk.destroy();
  await subject.close();
});
beforeEach(() => {
  target = `/bucket/key-${(keys += 1)}`;
});

const bodies = [Buffer.alloc(partBytesMin, "first part "), Buffer.from("the second")];

/** Uploads with the SDK, which computes each part's checksum itself, and tells what HEAD says. */
async function uploadBySdk(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
): Promise<{ checksums: Buffer[]; head: Record<string, unknown> }> {
  const name = { Bucket: "bucket", Key: target.slice(8) };
  const begun = await sdk.send(
    new CreateMultipartUploadCommand({
      ...name,
      ChecksumAlgorithm: algorithm,
      ChecksumType: type,
    }),
  );
  expect([begun.ChecksumAlgorithm, begun.ChecksumType]).toEqual([algorithm, type]);
  const upload = { ...name, UploadId: begun.UploadId };
  const parts: CompletedPart[] = [];
  for (const [index, Body] of bodies.entries()) {
    const PartNumber = index + 1;
    const input = { ...upload, PartNumber, Body, ChecksumAlgorithm: algorithm };
    const { $metadata: _, ...told } = await sdk.send(new UploadPartCommand(input));
    parts.push({ ...told, PartNumber });
  }
  const checksums = parts.map((part) =>
    Buffer.from(String(Object.entries(part).find(([key]) => key === `Checksum${algorithm}`)?.[1]), "base64"),
  ); // prettier-ignore
  const MultipartUpload = { Parts: parts };
  const completed = await sdk.send(
    new CompleteMultipartUploadCommand({ ...upload, MultipartUpload, ChecksumType: type }),
  );
  const head = await sdk.send(new HeadObjectCommand({ ...name, ChecksumMode: "ENABLED" }));
  const key = `Checksum${algorithm}`;
  expect(new Map(Object.entries(completed)).get(key)).toBe(new Map(Object.entries(head)).get(key));
  return { checksums, head: { ...head } };
}

/** What the SDK computes of the whole, as the checksum of one PUT. */
async function wholeBySdk(algorithm: ChecksumAlgorithm): Promise<unknown> {
  const name = { Bucket: "bucket", Key: `${target.slice(8)}-whole` };
  const input = { ...name, Body: Buffer.concat(bodies), ChecksumAlgorithm: algorithm };
  const put = await sdk.send(new PutObjectCommand(input));
  return new Map(Object.entries(put)).get(`Checksum${algorithm}`);
}

test.each<ChecksumAlgorithm>(["CRC32", "CRC32C", "CRC64NVME"])(
  "a full-object %s is what the SDK computes of the whole",
  async (algorithm) => {
    const { head } = await uploadBySdk(algorithm, "FULL_OBJECT");
    expect(head["ChecksumType"]).toBe("FULL_OBJECT");
    expect(head[`Checksum${algorithm}`]).toBe(await wholeBySdk(algorithm));
  },
);

test.each<["SHA1" | "SHA256", string]>([["SHA1", "sha1"], ["SHA256", "sha256"]])(
  "a composite %s is the digest of what the SDK computes of the parts",
  async (algorithm, name) => {
    const { checksums, head } = await uploadBySdk(algorithm, "COMPOSITE");
    const whole = createHash(name).update(Buffer.concat(checksums)).digest("base64");
    expect(head["ChecksumType"]).toBe("COMPOSITE");
    expect(head[`Checksum${algorithm}`]).toBe(`${whole}-2`);
  },
); // prettier-ignore

test("an upload by the SDK as it is set by default, with etags alone, completes", async () => {
  const name = { Bucket: "bucket", Key: target.slice(8) };
  const { UploadId } = await sdk.send(new CreateMultipartUploadCommand(name));
  const part = { ...name, UploadId, PartNumber: 1, Body: "x" };
  const { ETag } = await sdk.send(new UploadPartCommand(part));
  const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
  await sdk.send(new CompleteMultipartUploadCommand({ ...name, UploadId, MultipartUpload }));
  const head = await sdk.send(new HeadObjectCommand(name));
  expect(head.ContentLength).toBe(1);
});

const digest = (body: string): string => createHash("sha256").update(body).digest("base64");
const element = (body: string): string => `<ChecksumSHA256>${digest(body)}</ChecksumSHA256>`;

describe("an upload with a composite checksum", () => {
  const composite = { "x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-type": "COMPOSITE" };
  test("needs the checksum of each part when it is completed", async () => {
    const upload = await beginUpload(subject, target, composite);
    const { etag = "" } = (await upload.part(1, "a")).headers;
    expect(refusalOf(await upload.complete([[1, etag]]))).toMatchObject({
      status: 400,
      Code: "InvalidRequest",
      Message: expect.stringContaining("part 1"),
    });
    const answer = await upload.complete([[1, etag, element("a")]]);
    const whole = createHash("sha256")
      .update(Buffer.from(digest("a"), "base64"))
      .digest("base64");
    expect(fieldsOf(documentOf(answer))).toMatchObject({
      ChecksumSHA256: `${whole}-1`,
      ChecksumType: "COMPOSITE",
    });
    expect((await upload.complete([[1, etag, element("a")]])).status).toBe(200);
  });

  test("takes no part with another checksum, and no part that is not its own", async () => {
    const upload = await beginUpload(subject, target, composite);
    const other = { "x-amz-checksum-sha1": createHash("sha1").update("a").digest("base64") };
    expect(refusalOf(await upload.part(1, "a", other))).toMatchObject({
      status: 400,
      Code: "InvalidRequest",
    });
    const wrong = { "x-amz-checksum-sha256": digest("b") };
    expect(refusalOf(await upload.part(1, "a", wrong))).toMatchObject({ Code: "BadDigest" });
    const right = await upload.part(1, "a", { "x-amz-checksum-sha256": digest("a") });
    expect(right.headers["x-amz-checksum-sha256"]).toBe(digest("a"));
    const etag = right.headers.etag ?? "";
    expect(refusalOf(await upload.complete([[1, etag, element("b")]]))).toMatchObject({
      Code: "InvalidPart",
    });
  });

  test("is checked against the one that the completion tells", async () => {
    const upload = await beginUpload(subject, target, composite);
    const { etag = "" } = (await upload.part(1, "a")).headers;
    const parts = [[1, etag, element("a")]] as const;
    const whole = createHash("sha256")
      .update(Buffer.from(digest("a"), "base64"))
      .digest("base64");
    const wrong = { "x-amz-checksum-sha256": digest("b") };
    expect(refusalOf(await upload.complete(parts, wrong))).toMatchObject({ Code: "BadDigest" });
    const type = { "x-amz-checksum-type": "FULL_OBJECT" };
    expect(refusalOf(await upload.complete(parts, type))).toMatchObject({ Code: "InvalidRequest" });
    const right = { "x-amz-checksum-sha256": `${whole}-1`, "x-amz-checksum-type": "COMPOSITE" };
    expect((await upload.complete(parts, right)).status).toBe(200);
    const headers = { "x-amz-checksum-mode": "ENABLED" };
    const part = await subject.send({ method: "GET", target: `${target}?partNumber=1`, headers });
    expect(part.headers["x-amz-checksum-sha256"]).toBe(digest("a"));
  });
});

test.each<Record<string, string>>([
  { "x-amz-checksum-algorithm": "CRC31" },
  { "x-amz-checksum-type": "COMPOSITE" },
  { "x-amz-checksum-algorithm": "SHA1", "x-amz-checksum-type": "FULL_OBJECT" },
  { "x-amz-checksum-algorithm": "CRC64NVME", "x-amz-checksum-type": "COMPOSITE" },
  { "x-amz-checksum-algorithm": "SHA1", "x-amz-checksum-type": "HALF" },
])("no upload begins with %j", async (headers) => {
  const answer = await subject.send({ method: "POST", target: `${target}?uploads`, headers });
  expect(refusalOf(answer)).toMatchObject({ status: 400, Code: "InvalidRequest" });
});
