import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { childNamed, childrenNamed, childText } from "@holdfast/protocol";
import {
  documentOf,
  refusalOf,
  startSubject,
  type Answer,
  type Subject,
} from "../s3-subject.test.support.ts";

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject();
});
afterAll(() => subject.close());

const send = (method: string, target: string, body?: string): Promise<Answer> =>
  subject.send({ method, target, ...(body === undefined ? {} : { body }) });
const create = (bucket: string, body?: string): Promise<Answer> => send("PUT", `/${bucket}`, body);

test("a bucket is made once; the second time says that it is there and changes nothing", async () => {
  const answer = await create("made-once");
  expect(answer.status).toBe(200);
  expect(answer.headers.location).toBe("/made-once");
  await send("PUT", "/made-once/k", "x");
  expect(refusalOf(await create("made-once"))).toMatchObject({
    status: 409,
    Code: "BucketAlreadyOwnedByYou",
    BucketName: "made-once",
  });
  expect((await send("GET", "/made-once/k")).body.toString()).toBe("x");
});

test.each(["ab", "Upper-case", "under_score", "-lead", "trail-", "a..b", "192.168.0.1", "a".repeat(64), "xn--a", "a-s3alias"])(
  "%s is no name of a bucket",
  async (bucket) => {
    expect(refusalOf(await create(bucket))).toMatchObject({
      status: 400,
      Code: "InvalidBucketName",
      BucketName: bucket,
    });
  },
); // prettier-ignore

const configuration = (inner: string): string =>
  `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</CreateBucketConfiguration>`;

test("a bucket is made where it is asked to be, or not at all", async () => {
  const here = configuration("<LocationConstraint>us-east-1</LocationConstraint>");
  expect((await create("located-here", here)).status).toBe(200);
  expect((await create("located-nowhere", configuration(""))).status).toBe(200);
  const there = configuration("<LocationConstraint>eu-west-1</LocationConstraint>");
  expect(refusalOf(await create("located-there", there))).toMatchObject({
    status: 400,
    Code: "IllegalLocationConstraintException",
  });
  expect((await send("HEAD", "/located-there")).status).toBe(404);
  const location = documentOf(await send("GET", "/located-here?location"));
  expect(location).toMatchObject({ name: "LocationConstraint", text: "", children: [] });
});

test.each<[string, string]>([
  [configuration("<Bucket><Type>Directory</Type></Bucket>"), "NotImplemented"],
  [configuration("<Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags>"), "NotImplemented"],
  [configuration("<Unknown/>"), "MalformedXML"],
  ["<Other/>", "MalformedXML"],
  ["not xml", "MalformedXML"],
])("the configuration %s makes no bucket", async (body, code) => {
  expect(refusalOf(await create("configured", body))).toMatchObject({ Code: code });
  expect((await send("HEAD", "/configured")).status).toBe(404);
});

test("a signed hash of a body that is not there makes no bucket", async () => {
  const ask = { method: "PUT", target: "/hashed", payload: "0".repeat(64) };
  expect(refusalOf(await subject.send(ask))).toMatchObject({ Code: "XAmzContentSHA256Mismatch" });
  expect((await send("HEAD", "/hashed")).status).toBe(404);
});

test("a digest of a body that is not there makes no bucket", async () => {
  const headers = { "content-md5": "rL0Y20zC+Fzt72VPzMSk2A==" };
  const answer = await subject.send({ method: "PUT", target: "/digested", headers });
  expect(refusalOf(answer)).toMatchObject({ Code: "BadDigest" });
  expect((await send("HEAD", "/digested")).status).toBe(404);
});

test("a bucket goes when it is empty, whatever uploads are under way in it", async () => {
  await create("to-delete");
  await send("PUT", "/to-delete/k", "x");
  expect(refusalOf(await send("DELETE", "/to-delete"))).toMatchObject({
    status: 409,
    Code: "BucketNotEmpty",
    BucketName: "to-delete",
  });
  await send("DELETE", "/to-delete/k");
  await send("POST", "/to-delete/upload?uploads");
  expect((await send("DELETE", "/to-delete")).status).toBe(204);
  expect(refusalOf(await send("DELETE", "/to-delete"))).toMatchObject({ Code: "NoSuchBucket" });
});

test("HEAD tells the region of a bucket, and a missing one by its status", async () => {
  await create("to-head");
  const found = await send("HEAD", "/to-head");
  expect([found.status, found.headers["x-amz-bucket-region"]]).toEqual([200, "us-east-1"]);
  expect((await send("HEAD", "/not-there")).status).toBe(404);
});

test("versioning is off, and no object has tags", async () => {
  await create("plain-bucket");
  await send("PUT", "/plain-bucket/k", "x");
  const versioning = documentOf(await send("GET", "/plain-bucket?versioning"));
  expect(versioning).toMatchObject({ name: "VersioningConfiguration", children: [] });
  const tagging = documentOf(await send("GET", "/plain-bucket/k?tagging"));
  expect(childNamed(tagging, "TagSet")).toMatchObject({ children: [] });
  expect(refusalOf(await send("GET", "/plain-bucket/no?tagging"))).toMatchObject({
    Code: "NoSuchKey",
  });
  for (const query of ["location", "versioning"]) {
    const answer = await send("GET", `/not-there?${query}`);
    expect(refusalOf(answer)).toMatchObject({ Code: "NoSuchBucket" });
  }
});

async function page(query: string): Promise<{ found: string[]; token: string | undefined }> {
  const document = documentOf(await send("GET", `/?${query}`));
  const found = childrenNamed(document.children[1] ?? document, "Bucket");
  return {
    found: found.map((one) => childText(one, "Name") ?? ""),
    token: childText(document, "ContinuationToken"),
  };
}

describe("the list of buckets", () => {
  const names = Array.from({ length: 7 }, (_, index) => `page-${index}`);
  beforeAll(async () => {
    for (const name of names) await create(name);
  });

  test("is followed in pages to its end", async () => {
    const all: string[] = [];
    let next = "";
    for (;;) {
      const { found, token } = await page(`prefix=page-&max-buckets=2${next}`);
      all.push(...found);
      expect(found.length).toBeLessThanOrEqual(2);
      if (token === undefined) break;
      next = `&continuation-token=${encodeURIComponent(token)}`;
    }
    expect(all).toEqual(names);
  });

  test("has an owner and the times of creation", async () => {
    const document = documentOf(await send("GET", "/"));
    expect(document.name).toBe("ListAllMyBucketsResult");
    expect(document.children[0]?.name).toBe("Owner");
    const [first] = document.children[1]?.children ?? [];
    if (first === undefined) throw new Error("no bucket listed");
    expect(childText(first, "CreationDate")).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test("is filtered by region", async () => {
    expect((await page("bucket-region=us-east-1&prefix=page-")).found).toEqual(names);
    expect((await page("bucket-region=eu-west-1")).found).toEqual([]);
  });

  test.each(["-1", "0", "10001", "text"])("max-buckets %s is refused", async (value) => {
    expect(refusalOf(await send("GET", `/?max-buckets=${value}`))).toMatchObject({
      status: 400,
      Code: "InvalidArgument",
      ArgumentName: "max-buckets",
    });
  });

  test("a token that was not given out is refused", async () => {
    expect(refusalOf(await send("GET", "/?continuation-token=!"))).toMatchObject({
      Code: "InvalidArgument",
      ArgumentName: "continuation-token",
    });
  });
});
