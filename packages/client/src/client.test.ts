import { createServer } from "node:net";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
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

test("a client that is closed ends what waits for a provider that never answers", async () => {
  const s3 = new index.S3Client({
    region: "us-east-1",
    endpoint: "http://127.0.0.1:1",
    credentials: () => new Promise(() => undefined),
  });
  const at = { bucket: "b", key: "k" };
  const waiting: readonly Promise<unknown>[] = [
    s3.getObject(at),
    s3.upload({ ...at, body: "x" }),
    s3.presignGet(at),
  ];
  s3.close();
  for (const call of waiting) {
    await expect(call).rejects.toMatchObject({ name: "S3AbortedError", errorCode: "Aborted" });
  }
});

test("a write that was under way when its client was closed is ambiguous, and a read is not", async () => {
  let came = 0;
  const server = createServer((socket) => {
    socket
      .on("error", () => undefined)
      .once("data", () => {
        came += 1;
        if (came === 2) server.emit("both");
      });
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const credentials = { accessKeyId: "AKIA", secretAccessKey: "secret" };
  const endpoint = `http://127.0.0.1:${port}`;
  const s3 = new index.S3Client({ region: "us-east-1", endpoint, credentials });
  const at = { bucket: "b", key: "k" };
  const write = s3.putObject({ ...at, body: "x" });
  const read = s3.getObject(at);
  await once(server, "both");
  s3.close();
  await expect(write).rejects.toMatchObject({ errorCode: "Aborted", ambiguous: true });
  await expect(read).rejects.toMatchObject({ errorCode: "Aborted", ambiguous: false });
});
