import { afterAll, beforeAll, expect, test } from "vitest";
import { childrenNamed, childText, type XmlElement } from "@holdfast/protocol";
import { documentOf, encodePath, fieldsOf, refusalOf, startSubject, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore
import { beginUpload } from "../upload-in-parts.test.support.ts";

let subject: Subject;
let buckets = 0;
beforeAll(async () => {
  subject = await startSubject();
});
afterAll(() => subject.close());

async function bucketOf(keys: readonly string[]): Promise<{ bucket: string; ids: string[] }> {
  const bucket = `uploads-${(buckets += 1)}`;
  await subject.send({ method: "PUT", target: `/${bucket}` });
  const ids: string[] = [];
  for (const key of keys) {
    ids.push((await beginUpload(subject, `/${bucket}/${encodePath(key)}`)).uploadId);
  }
  return { bucket, ids };
}

async function list(bucket: string, query: Record<string, string>): Promise<XmlElement> {
  const more = Object.entries(query).map(([name, value]) => `&${name}=${encodePath(value)}`);
  const target = `/${bucket}?uploads${more.join("")}`;
  const document = documentOf(await subject.send({ method: "GET", target }));
  expect(document.name).toBe("ListMultipartUploadsResult");
  return document;
}

const textsOf = (page: XmlElement, element: string, field: string): string[] =>
  childrenNamed(page, element).map((one) => childText(one, field) ?? "");

async function listAll(
  bucket: string,
  query: Record<string, string>,
): Promise<{ keys: string[]; ids: string[]; prefixes: string[] }> {
  const all = { keys: [] as string[], ids: [] as string[], prefixes: [] as string[] };
  let next: Record<string, string> = {};
  for (;;) {
    const page = await list(bucket, { ...query, ...next });
    all.keys.push(...textsOf(page, "Upload", "Key"));
    all.ids.push(...textsOf(page, "Upload", "UploadId"));
    all.prefixes.push(...textsOf(page, "CommonPrefixes", "Prefix"));
    if (childText(page, "IsTruncated") === "false") return all;
    next = {
      "key-marker": childText(page, "NextKeyMarker") ?? "",
      "upload-id-marker": childText(page, "NextUploadIdMarker") ?? "",
    };
  }
}

test.each(["1", "2", "3", "1000"])("uploads are followed in pages of %s", async (limit) => {
  const keys = ["a/1", "a/2", "b", "b", "b", "c&<", "ü 😀", "\uffff", "𐀀"];
  const { bucket, ids } = await bucketOf(keys);
  expect(await listAll(bucket, { "max-uploads": limit })).toEqual({ keys, ids, prefixes: [] });
  const rolled = await listAll(bucket, { "max-uploads": limit, delimiter: "/" });
  expect(rolled).toEqual({ keys: keys.slice(2), ids: ids.slice(2), prefixes: ["a/"] });
  const prefixed = await listAll(bucket, { "max-uploads": limit, prefix: "b" });
  expect(prefixed.keys).toEqual(["b", "b", "b"]);
});

test("a key marker without an upload id leaves out all uploads of its key", async () => {
  const { bucket, ids } = await bucketOf(["a", "b", "b", "c"]);
  const behind = await list(bucket, { "key-marker": "b" });
  expect(textsOf(behind, "Upload", "Key")).toEqual(["c"]);
  const within = await list(bucket, { "key-marker": "b", "upload-id-marker": ids[1] ?? "" });
  expect(textsOf(within, "Upload", "UploadId")).toEqual(ids.slice(2));
  const ignored = await list(bucket, { "upload-id-marker": ids[1] ?? "" });
  expect(textsOf(ignored, "Upload", "UploadId")).toEqual(ids);
});

test.each<[string, string]>([
  ["max-uploads", "-1"],
  ["max-uploads", "text"],
  ["upload-id-marker", "junk"],
  ["encoding-type", "base64"],
])("%s %s is refused", async (name, value) => {
  const { bucket } = await bucketOf(["a"]);
  const target = `/${bucket}?uploads&key-marker=a&${name}=${value}`;
  expect(refusalOf(await subject.send({ method: "GET", target }))).toMatchObject({
    status: 400,
    Code: "InvalidArgument",
    ArgumentName: name,
    ArgumentValue: value,
  });
});

test("keys come encoded when it is asked for, and no upload is in an empty page", async () => {
  const { bucket } = await bucketOf(["ü &"]);
  const page = await list(bucket, { "encoding-type": "url", prefix: "ü" });
  expect(fieldsOf(page)).toMatchObject({ Prefix: "%C3%BC", EncodingType: "url", Bucket: bucket });
  expect(textsOf(page, "Upload", "Key")).toEqual(["%C3%BC%20%26"]);
  const empty = await list(bucket, { "max-uploads": "0" });
  expect(fieldsOf(empty)).toMatchObject({ MaxUploads: "0", IsTruncated: "false" });
  const missing = await subject.send({ method: "GET", target: "/missing-bucket?uploads" });
  expect(refusalOf(missing)).toMatchObject({ Code: "NoSuchBucket" });
});

test("the parts of an upload are followed in pages", async () => {
  const { bucket } = await bucketOf([]);
  const upload = await beginUpload(subject, `/${bucket}/k`);
  const numbers = ["1", "2", "3", "7", "10000"];
  for (const number of numbers) await upload.part(number, `part ${number}`);
  const found: string[] = [];
  let marker = "";
  for (;;) {
    const page = documentOf(await upload.list(`&max-parts=2&part-number-marker=${marker}`));
    found.push(...textsOf(page, "Part", "PartNumber"));
    expect(fieldsOf(page)).toMatchObject({
      Bucket: bucket,
      Key: "k",
      UploadId: upload.uploadId,
      MaxParts: "2",
      PartNumberMarker: marker === "" ? "0" : marker,
    });
    if (childText(page, "IsTruncated") === "false") break;
    marker = childText(page, "NextPartNumberMarker") ?? "";
  }
  expect(found).toEqual(numbers);
  const [first] = childrenNamed(documentOf(await upload.list()), "Part");
  expect(first === undefined ? {} : fieldsOf(first)).toMatchObject({
    Size: "6",
    ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    LastModified: expect.stringMatching(/Z$/),
    ChecksumCRC64NVME: expect.stringMatching(/=$/),
  });
});

test.each<[string, string]>([
  ["max-parts", "-1"],
  ["max-parts", "text"],
  ["part-number-marker", "-1"],
  ["part-number-marker", "text"],
])("parts with %s %s are refused", async (name, value) => {
  const { bucket } = await bucketOf([]);
  const upload = await beginUpload(subject, `/${bucket}/k`);
  expect(refusalOf(await upload.list(`&${name}=${value}`))).toMatchObject({
    status: 400,
    Code: "InvalidArgument",
    ArgumentName: name,
    ArgumentValue: value,
  });
});
