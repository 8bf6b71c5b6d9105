import { expect, test } from "vitest";
import * as index from "./index.ts";
import * as rows from "./operations/rows.ts";

const named = new Map([
  ["ListObjectsV2", "listObjects"],
  ["ListObjects", "listObjectsV1"],
]);

const operations = Object.values(rows).map(
  ({ name }) => named.get(name) ?? `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
);

test(`each of ${operations.length} operations is a method of the client, and a function by itself`, () => {
  const exported = new Set(Object.keys(index));
  const { prototype } = index.S3Client;
  expect(operations.filter((name) => !(name in prototype))).toEqual([]);
  expect(operations.filter((name) => !exported.has(name))).toEqual([]);
});
