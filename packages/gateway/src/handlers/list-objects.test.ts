import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as fc from "fast-check";
import { childNamed, childrenNamed, childText, type XmlElement } from "@holdfast/protocol";
import {
  documentOf,
  encodePath,
  fieldsOf,
  refusalOf,
  startSubject,
  type Subject,
  subjectsForward,
} from "../s3-subject.test.support.ts";

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject();
});
afterAll(() => subject.close());

async function put(bucket: string, key: string): Promise<void> {
  const target = `/${bucket}/${encodePath(key)}`;
  const answer = await subject.send({ method: "PUT", target, body: "x" });
  expect(answer.status).toBe(200);
}

let buckets = 0;
async function bucketOf(keys: Iterable<string>): Promise<string> {
  const bucket = `listing-${(buckets += 1)}`;
  await subject.send({ method: "PUT", target: `/${bucket}` });
  await Promise.all(Array.from(keys, (key) => put(bucket, key)));
  return bucket;
}

async function list(bucket: string, query: Record<string, string>): Promise<XmlElement> {
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${encodePath(value)}`);
  const answer = await subject.send({ method: "GET", target: `/${bucket}?${pairs.join("&")}` });
  expect(answer.body.toString()).toContain("<ListBucketResult");
  return documentOf(answer);
}

async function refusal(bucket: string, query: string): Promise<Record<string, string | number>> {
  return refusalOf(await subject.send({ method: "GET", target: `/${bucket}?${query}` }));
}

/** What a listing holds, in the order of each kind. */
interface Listed {
  readonly keys: string[];
  readonly prefixes: string[];
}

function entriesOf(page: XmlElement, decode: (text: string) => string): Listed {
  const read = (elements: readonly XmlElement[], name: string): string[] =>
    elements.map((element) => decode(childText(element, name) ?? ""));
  return {
    keys: read(childrenNamed(page, "Contents"), "Key"),
    prefixes: read(childrenNamed(page, "CommonPrefixes"), "Prefix"),
  };
}

const byBytes = (one: string, other: string): number =>
  Buffer.compare(Buffer.from(one), Buffer.from(other));

/** The whole listing as AWS documents it: keys with the prefix, rolled up at the first delimiter. */
function model(
  keys: Iterable<string>,
  { prefix, delimiter }: { prefix: string; delimiter: string },
): Listed {
  const found: Listed = { keys: [], prefixes: [] };
  for (const key of [...keys].toSorted(byBytes)) {
    if (!key.startsWith(prefix)) continue;
    const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (at === -1) found.keys.push(key);
    else found.prefixes.push(key.slice(0, at + delimiter.length));
  }
  return { keys: found.keys, prefixes: [...new Set(found.prefixes)].toSorted(byBytes) };
}

type Version = 1 | 2;
const decodeUrl = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));

/** Follows a listing to its end as a client does. */
async function listAll(
  bucket: string,
  query: Record<string, string>,
  version: Version,
): Promise<Listed> {
  const all: Listed = { keys: [], prefixes: [] };
  const decode = query["encoding-type"] === undefined ? (text: string) => text : decodeUrl;
  let next: Record<string, string> = version === 2 ? { "list-type": "2" } : {};
  for (;;) {
    const page = await list(bucket, { ...query, ...next });
    const { keys, prefixes } = entriesOf(page, decode);
    expect(keys.length + prefixes.length).toBeLessThanOrEqual(Number(childText(page, "MaxKeys")));
    all.keys.push(...keys);
    all.prefixes.push(...prefixes);
    if (childText(page, "IsTruncated") === "false") return all;
    if (version === 2) {
      if (childText(page, "KeyCount") !== String(keys.length + prefixes.length)) {
        throw new Error("KeyCount is not the number of keys and common prefixes");
      }
      const token = childText(page, "NextContinuationToken") ?? "";
      next = { "list-type": "2", "continuation-token": token };
    } else {
      const marker = childText(page, "NextMarker");
      if ((marker === undefined) !== (query["delimiter"] === undefined)) {
        throw new Error("NextMarker is told with a delimiter, and only then");
      }
      next = { marker: marker === undefined ? (keys.at(-1) ?? "") : decode(marker) };
    }
  }
}

const pieces = ["a", "b", "A", "/", "//", " ", "%", "+", "&<>\"'", "\u0001", "\t\r\n", "\u007f", "é",
  "\uffff", "\ue000", "😀", "𐀀", ".", "..", "%2F", "#?", "]]>", "\\", "*()!", "~_-", "__proto__"]; // prettier-ignore
const keyText = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(""))
  // Two dots may lead above the bucket, which is refused before an upstream is asked.
  .filter((key) => !subjectsForward() || !key.split("/").includes(".."));

const question = fc.record({
  prefix: fc.oneof(fc.constant(""), fc.constantFrom(...pieces), keyText),
  delimiter: fc.oneof(fc.constant(""), fc.constant("/"), fc.constantFrom(...pieces)),
  limit: fc.integer({ min: 1, max: 7 }),
  version: fc.constantFrom<Version>(1, 2),
  encoded: fc.boolean(),
});

test("any listing, followed to its end, is what the model says", async () => {
  const property = fc.asyncProperty(
    fc.uniqueArray(keyText, { minLength: 1, maxLength: 25 }),
    fc.array(question, { minLength: 6, maxLength: 6 }),
    async (keys, questions) => {
      const bucket = await bucketOf(keys);
      for (const { prefix, delimiter, limit, version, encoded } of questions) {
        const query = {
          "max-keys": String(limit),
          ...(prefix === "" ? {} : { prefix }),
          ...(delimiter === "" ? {} : { delimiter }),
          ...(encoded ? { "encoding-type": "url" } : {}),
        };
        expect(await listAll(bucket, query, version)).toEqual(model(keys, { prefix, delimiter }));
      }
    },
  );
  await fc.assert(property, { numRuns: 50 });
});

test("start-after and marker leave out what is up to them, and nothing else", async () => {
  const keys = ["a", "a/", "a/b", "b", "é", "\uffff", "😀"];
  const bucket = await bucketOf(keys);
  for (const after of [...keys, "0", "a/a", "zz", "\u{10ffff}"]) {
    const expected = keys.filter((key) => byBytes(key, after) > 0);
    const second = await list(bucket, { "list-type": "2", "start-after": after });
    expect(entriesOf(second, String).keys).toEqual(expected);
    expect(childText(second, "StartAfter")).toBe(after);
    const first = await list(bucket, { marker: after });
    expect(entriesOf(first, String).keys).toEqual(expected);
    expect(childText(first, "Marker")).toBe(after);
  }
});

test("a marker inside a common prefix still shows the prefix for what comes behind it", async () => {
  const bucket = await bucketOf(["a/1", "a/2", "b"]);
  const query = { delimiter: "/", marker: "a/1" };
  expect(entriesOf(await list(bucket, query), String)).toEqual({ keys: ["b"], prefixes: ["a/"] });
});

test("start-after in front of a common prefix shows it, and one that is it does not", async () => {
  const bucket = await bucketOf(["p1/object", "p2/object"]);
  const prefixesAfter = async (after: string): Promise<string[]> => {
    const query = { "list-type": "2", delimiter: "/", prefix: "p", "start-after": after };
    return entriesOf(await list(bucket, query), String).prefixes;
  };
  expect(await prefixesAfter("p1")).toEqual(["p1/", "p2/"]);
  expect(await prefixesAfter("p1/")).toEqual(["p2/"]);
});

describe("max-keys", () => {
  let bucket: string;
  beforeAll(async () => {
    bucket = await bucketOf(Array.from({ length: 1003 }, (_, index) => `k${index}`));
  });

  test("0 answers an empty page that is not truncated", async () => {
    for (const query of [{ "list-type": "2" }, {}]) {
      const page = fieldsOf(await list(bucket, { ...query, "max-keys": "0" }));
      expect(page).toMatchObject({ MaxKeys: "0", IsTruncated: "false" });
      expect(page).not.toHaveProperty("Contents");
      expect(page).not.toHaveProperty("NextContinuationToken");
    }
  });

  test.each(["1000", "5000", "2147483647", undefined])("%s is at most 1000", async (maximum) => {
    const query = maximum === undefined ? {} : { "max-keys": maximum };
    const page = await list(bucket, { "list-type": "2", ...query });
    expect(entriesOf(page, String).keys).toHaveLength(1000);
    expect(fieldsOf(page)).toMatchObject({
      MaxKeys: "1000",
      KeyCount: "1000",
      IsTruncated: "true",
    });
  });

  test.each(["-1", "text", "1.5", "2147483648", "1e3", " 1"])("%s is refused", async (maximum) => {
    for (const version of ["", "list-type=2&"]) {
      const query = `${version}max-keys=${encodeURIComponent(maximum)}`;
      expect(await refusal(bucket, query)).toMatchObject({
        status: 400,
        Code: "InvalidArgument",
        ArgumentName: "max-keys",
        ArgumentValue: maximum,
      });
    }
  });
});

test("a continuation token that was not given out is refused, and start-after yields to one that was", async () => {
  const bucket = await bucketOf(["a", "b", "c", "d"]);
  const page = await list(bucket, { "list-type": "2", "max-keys": "1", "start-after": "a" });
  const token = childText(page, "NextContinuationToken") ?? "";
  const query = { "list-type": "2", "continuation-token": token, "start-after": "c" };
  const second = await list(bucket, query);
  expect(entriesOf(second, String).keys).toEqual(["c", "d"]);
  expect(childText(second, "ContinuationToken")).toBe(token);
  for (const bad of ["", "%20", "?", `${token}=`, `!${token}`, "_w"]) {
    const tampered = `list-type=2&continuation-token=${encodeURIComponent(bad)}`;
    expect(await refusal(bucket, tampered)).toMatchObject({
      status: 400,
      Code: "InvalidArgument",
      ArgumentName: "continuation-token",
    });
  }
});

test("an owner is told in version 1, and in version 2 when it is asked for", async () => {
  const bucket = await bucketOf(["k"]);
  const ownerIn = async (query: Record<string, string>): Promise<string | undefined> => {
    const [object] = childrenNamed(await list(bucket, query), "Contents");
    const owner = object === undefined ? undefined : childNamed(object, "Owner");
    return owner === undefined ? undefined : childText(owner, "ID");
  };
  expect(await ownerIn({})).toMatch(/^[0-9a-f]{64}$/);
  expect(await ownerIn({ "list-type": "2" })).toBeUndefined();
  expect(await ownerIn({ "list-type": "2", "fetch-owner": "false" })).toBeUndefined();
  expect(await ownerIn({ "list-type": "2", "fetch-owner": "true" })).toMatch(/^[0-9a-f]{64}$/);
});

test("an entry tells what a HEAD of the object does", async () => {
  const bucket = await bucketOf(["k"]);
  const [object] = childrenNamed(await list(bucket, { "list-type": "2" }), "Contents");
  const head = await subject.send({ method: "HEAD", target: `/${bucket}/k` });
  if (object === undefined) throw new Error("nothing listed");
  const { Size, ETag, LastModified = "", StorageClass } = fieldsOf(object);
  expect({ Size, ETag, StorageClass }).toEqual({
    Size: head.headers["content-length"],
    ETag: head.headers.etag,
    StorageClass: "STANDARD",
  });
  expect(LastModified).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(new Date(LastModified).toUTCString()).toBe(head.headers["last-modified"]);
});

test("the request's prefix, delimiter and encoding come back, encoded as the keys are", async () => {
  const bucket = await bucketOf(["ü &/a"]);
  const query = { prefix: "ü &", delimiter: "/", "encoding-type": "url" };
  expect(fieldsOf(await list(bucket, query))).toMatchObject({
    Name: bucket,
    Prefix: "%C3%BC%20%26",
    Delimiter: "/",
    EncodingType: "url",
  });
  expect(await refusal(bucket, "encoding-type=base64")).toMatchObject({
    Code: "InvalidArgument",
    ArgumentName: "encoding-type",
    ArgumentValue: "base64",
  });
});

test("a bucket that is missing is told, and an unknown list type refused", async () => {
  expect(await refusal("missing-bucket", "list-type=2")).toMatchObject({
    status: 404,
    Code: "NoSuchBucket",
    BucketName: "missing-bucket",
  });
  expect(await refusal(await bucketOf([]), "list-type=3")).toMatchObject({ status: 400 });
});
