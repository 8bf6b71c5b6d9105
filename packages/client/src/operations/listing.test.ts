import { expect, test } from "vitest";
import { replying } from "./connection.test.support.ts";
import { listObjectVersions } from "./list-object-versions.ts";
import { listObjectsV1 } from "./list-objects-v1.ts";
import { listObjects } from "./list-objects.ts";
import { listParts } from "./list-parts.ts";
import type { Call } from "../request/call.ts";

const bucket = "bucket";

function entry(key: string): string {
  return `<Contents><Key>${key}</Key><Size>1</Size></Contents>`;
}

function page(inner: string, next?: string): { readonly body: string } {
  const more = next === undefined ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`;
  return {
    body: `<ListBucketResult><IsTruncated>${next !== undefined}</IsTruncated>${more}${inner}</ListBucketResult>`,
  };
}

function parameter(call: Call | undefined, name: string): string | undefined {
  return call?.query?.find(([given]) => given === name)?.[1];
}

const pages = [page(entry("a") + entry("b"), "t1"), page("", "t2"), page(entry("c"))];

async function collected<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test("a listing gives the entries of all its pages, an empty one among them", async () => {
  const connection = replying((_call, index) => pages[index] ?? page(""));
  const entries = await collected(listObjects(connection, { bucket, prefix: "p" }));
  expect(entries.map(({ key }) => key)).toEqual(["a", "b", "c"]);
  const tokens = connection.calls.map((call) => parameter(call, "continuation-token"));
  expect(tokens).toEqual([undefined, "t1", "t2"]);
  expect(connection.calls.every((call) => parameter(call, "prefix") === "p")).toBe(true);
});

test("nothing is asked before the first entry is wanted, and no page beyond the last that is", async () => {
  const connection = replying((_call, index) => pages[index] ?? page(""));
  const listing = listObjects(connection, { bucket });
  expect(connection.calls).toHaveLength(0);
  for await (const { key } of listing) if (key === "b") break;
  expect(connection.calls).toHaveLength(1);
});

test("a page holds what it takes to go on after it", async () => {
  const connection = replying((call) =>
    parameter(call, "continuation-token") === "t1" ? page(entry("c")) : page(entry("a"), "t1"),
  );
  const first = await listObjects(connection, { bucket }).page();
  const { nextContinuationToken } = first;
  const rest = listObjects(connection, { bucket, continuationToken: nextContinuationToken });
  expect((await collected(rest)).map(({ key }) => key)).toEqual(["c"]);
});

test("a listing whose token stands still ends with an error instead of never", async () => {
  const connection = replying(() => page(entry("a"), "same"));
  const listing = collected(listObjects(connection, { bucket }));
  await expect(listing).rejects.toMatchObject({
    errorCode: "MalformedResponse",
    operation: "ListObjectsV2",
    bucket,
  });
  expect(connection.calls).toHaveLength(2);
});

test.each([2, 3, 7])(
  "a listing whose tokens repeat after %d pages ends as well",
  async (length) => {
    const connection = replying((_call, index) => page("", `t${5 + (index % length)}`));
    const listing = collected(listObjects(connection, { bucket }));
    await expect(listing).rejects.toMatchObject({ errorCode: "MalformedResponse" });
    expect(connection.calls.length).toBeLessThanOrEqual(4 * length);
  },
);

test("a page that is not the last and names no way on is no page", async () => {
  const body = "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>";
  const connection = replying(() => ({ body }));
  for (const listing of [
    listObjects(connection, { bucket }),
    listObjectsV1(connection, { bucket }),
  ]) {
    await expect(listing.page()).rejects.toMatchObject({ errorCode: "MalformedResponse" });
  }
});

test("a bucket that vanishes between two pages is the error that the service gives", async () => {
  const connection = replying((_call, index) =>
    index === 0 ? page(entry("a"), "t") : { failure: { code: "NoSuchBucket", status: 404 } },
  );
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { key } of listObjects(connection, { bucket })) seen.push(key);
  })();
  await expect(reading).rejects.toMatchObject({
    name: "S3NotFoundError",
    errorCode: "NoSuchBucket",
  });
  expect(seen).toEqual(["a"]);
});

test("keys are decoded exactly when the page says that they are encoded", async () => {
  const encoded = `<EncodingType>url</EncodingType><Prefix>a%2B</Prefix>${entry("a%2Bb+c%25")}<CommonPrefixes><Prefix>%01/</Prefix></CommonPrefixes>`;
  const decoded = await listObjects(
    replying(() => page(encoded)),
    { bucket },
  ).page();
  expect(decoded.contents[0]?.key).toBe("a+b c%");
  expect([decoded.prefix, ...decoded.commonPrefixes]).toEqual(["a+", "\u0001/"]);
  const raw = await listObjects(
    replying(() => page(entry("a%2Bb+c%25"))),
    { bucket },
  ).page();
  expect(raw.contents[0]?.key).toBe("a%2Bb+c%25");
  const broken = replying(() => page(`<EncodingType>url</EncodingType>${entry("%zz")}`));
  const reading = listObjects(broken, { bucket }).page();
  await expect(reading).rejects.toMatchObject({ errorCode: "MalformedResponse" });
});

test("a prefix that is repeated as it was asked, and not encoded, spoils no page", async () => {
  const ceph = `<EncodingType>url</EncodingType><Prefix>h/%</Prefix><StartAfter>%</StartAfter>${entry("h%2F%25")}`;
  const decoded = await listObjects(
    replying(() => page(ceph)),
    { bucket },
  ).page();
  expect(decoded).toMatchObject({ prefix: "h/%", startAfter: "%", contents: [{ key: "h/%" }] });
});

test("the old listing goes on after its last key where the service names no marker", async () => {
  const connection = replying((_call, index) => {
    const more = `<IsTruncated>${index === 0}</IsTruncated>`;
    return { body: `<ListBucketResult>${more}${entry(`k${index}`)}</ListBucketResult>` };
  });
  const entries = await collected(listObjectsV1(connection, { bucket }));
  expect(entries.map(({ key }) => key)).toEqual(["k0", "k1"]);
  expect(parameter(connection.calls[1], "marker")).toBe("k0");
});

test("versions and delete markers keep the order in which the service has them", async () => {
  const version = (id: string): string =>
    `<Version><Key>k</Key><VersionId>${id}</VersionId><Size>1</Size></Version>`;
  const marker = "<DeleteMarker><Key>k</Key><VersionId>2</VersionId></DeleteMarker>";
  const body = `<ListVersionsResult><IsTruncated>false</IsTruncated>${version("3")}${marker}${version("1")}</ListVersionsResult>`;
  const entries = await collected(
    listObjectVersions(
      replying(() => ({ body })),
      { bucket },
    ),
  );
  expect(entries.map(({ versionId, isDeleteMarker }) => [versionId, isDeleteMarker])).toEqual([
    ["3", false],
    ["2", true],
    ["1", false],
  ]);
});

test("an upload that vanishes between two pages of its parts is the error that the service gives", async () => {
  const part = "<Part><PartNumber>1</PartNumber><ETag>e</ETag><Size>1</Size></Part>";
  const body = `<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>${part}</ListPartsResult>`;
  const connection = replying((_call, index) =>
    index === 0 ? { body } : { failure: { code: "NoSuchUpload", status: 404 } },
  );
  const listing = listParts(connection, { bucket, key: "k", uploadId: "u" });
  await expect(collected(listing)).rejects.toMatchObject({ errorCode: "NoSuchUpload" });
});
