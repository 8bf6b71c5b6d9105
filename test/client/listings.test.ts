import { afterAll, beforeAll, expect, test } from "vitest";
import { S3Client } from "@holdfast/client";
import { startLocalGateway, type LocalGateway } from "../proofs/local-gateway.ts";
import { region, rootCredential } from "../proofs/root-credential.ts";

const bucket = "proofs";
const letters = Array.from("abcdefghijklm");
/** Some in folders, some not, some that only an encoded listing can carry. */
const keys = letters.flatMap((letter) => [`${letter}/1`, `${letter}/\u0001 +%2F`, `${letter}é`]);
const inOrder = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

let local: LocalGateway;
let s3: S3Client;

beforeAll(async () => {
  local = await startLocalGateway();
  const endpoint = `http://127.0.0.1:${local.port}`;
  s3 = new S3Client({ region, endpoint, credentials: rootCredential });
  for (const key of keys) await s3.putObject({ bucket, key, body: key });
});

afterAll(async () => {
  s3.close();
  await local.close();
});

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test("both listings give every key once, in order, over many pages", async () => {
  for (const listing of [
    s3.listObjects({ bucket, maxKeys: 4 }),
    s3.listObjectsV1({ bucket, maxKeys: 4 }),
  ]) {
    expect((await all(listing)).map(({ key }) => key)).toEqual(inOrder);
  }
});

test("folders are given once each, on whichever page they end", async () => {
  const folders = letters.map((letter) => `${letter}/`);
  for (const maxKeys of [1, 2, 3, 5, 1000]) {
    const pages = await all(s3.listObjects({ bucket, delimiter: "/", maxKeys }).pages());
    expect(pages.flatMap(({ commonPrefixes }) => commonPrefixes)).toEqual(folders);
    expect(pages.flatMap(({ contents }) => contents.map(({ key }) => key))).toEqual(
      letters.map((letter) => `${letter}é`),
    );
    const v1 = await all(s3.listObjectsV1({ bucket, delimiter: "/", maxKeys }).pages());
    expect(v1.flatMap(({ commonPrefixes }) => commonPrefixes)).toEqual(folders);
  }
});

test("a listing that is left goes on from the token of any of its pages", async () => {
  const pages = await all(s3.listObjects({ bucket, maxKeys: 5 }).pages());
  for (const [index, { nextContinuationToken: continuationToken }] of pages.entries()) {
    if (continuationToken === undefined) continue;
    const rest = await all(s3.listObjects({ bucket, maxKeys: 7, continuationToken }));
    expect(rest.map(({ key }) => key)).toEqual(inOrder.slice((index + 1) * 5));
  }
});

test("uploads and their parts are listed over many pages", async () => {
  const begun: string[] = [];
  for (const key of letters) {
    const { uploadId } = await s3.createMultipartUpload({ bucket, key });
    begun.push(`${key} ${uploadId}`);
  }
  const uploads = await all(s3.listMultipartUploads({ bucket, maxUploads: 3 }));
  expect(uploads.map(({ key, uploadId }) => `${key} ${uploadId}`)).toEqual(begun);
  const [{ key, uploadId } = { key: "", uploadId: "" }] = uploads;
  for (let partNumber = 1; partNumber <= 9; partNumber += 1) {
    await s3.uploadPart({ bucket, key, uploadId, partNumber, body: String(partNumber) });
  }
  const parts = await all(s3.listParts({ bucket, key, uploadId, maxParts: 2 }));
  expect(parts.map(({ partNumber }) => partNumber)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test("a listing may be begun again, and an abort ends it between two pages", async () => {
  const listing = s3.listObjects({ bucket, maxKeys: 4 });
  expect(await all(listing)).toEqual(await all(listing));
  const controller = new AbortController();
  const { signal } = controller;
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { key } of s3.listObjects({ bucket, maxKeys: 4, signal })) {
      seen.push(key);
      if (seen.length === 4) controller.abort(new Error("enough"));
    }
  })();
  await expect(reading).rejects.toMatchObject({ name: "S3AbortedError" });
  expect(seen).toHaveLength(4);
});

test("2,500 keys are deleted whether or not they exist, each with its outcome", async () => {
  const objects = [
    ...keys,
    ...Array.from(
      { length: 2_500 - keys.length },
      (_, index) => `none/${index}${index % 10 === 0 ? "\u0002" : ""}`,
    ),
  ];
  const { outcomes, failed } = await s3.deleteObjects({ bucket, objects });
  expect(failed).toEqual([]);
  expect(outcomes.map(({ key }) => key)).toEqual(objects);
  expect(await all(s3.listObjects({ bucket }))).toEqual([]);
});
