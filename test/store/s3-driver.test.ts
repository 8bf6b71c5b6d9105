import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { S3Client, type Credentials } from "@holdfast/client";
import { S3Driver, Store } from "@holdfast/store";
import { conformance, runAgainstModel, type Fixture } from "@holdfast/store/conformance";
import { recorded } from "../../packages/store/src/conformance/recorded.test.support.ts";
import { startLocalGateway } from "../proofs/local-gateway.ts";
import { region, rootCredential } from "../proofs/root-credential.ts";
import { s3Subject } from "./s3-subject.ts";

const local = await startLocalGateway();
const endpoint = `http://127.0.0.1:${local.port}`;
const s3 = new S3Client({ region, endpoint, credentials: rootCredential });
let buckets = 0;

afterAll(async () => {
  s3.close();
  await local.close();
});

async function make(): Promise<Fixture> {
  buckets += 1;
  const bucket = `store-${buckets}`;
  await local.engine.createBucket(bucket);
  const driver = new S3Driver({ client: s3, bucket });
  return {
    driver,
    store: Store.over(driver),
    leftovers: async () => {
      const { uploads } = await s3.listMultipartUploads({ bucket }).page();
      return uploads.map(({ key, uploadId }) => `${key} ${uploadId}`);
    },
    end: async () => {},
  };
}

await conformance(s3Subject(local), test, { results: recorded });

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const steps = Number(process.env["HOLDFAST_STORE_STEPS"] ?? 1000);

test(`a random run of ${steps} operations comes out as in memory (HOLDFAST_SEED=${seed}, HOLDFAST_STORE_STEPS)`, async () => {
  await runAgainstModel(await make(), { seed, steps });
}, 600_000);

/** Gives that many bytes, then breaks off. */
async function* failing(bytes: number, error: Error): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0; left -= 2 ** 20) yield new Uint8Array(2 ** 20);
  throw error;
}

test("the audit's (d): a source that fails after 6 MB and after 55 MB leaves no object and no upload", async () => {
  const fixture = await make();
  const { store } = fixture;
  for (const megabytes of [6, 55]) {
    const reset = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    const bytes = megabytes * 2 ** 20;
    for (const method of ["write", "writeAtomic"] as const) {
      const written = store[method]("k", failing(bytes, reset));
      await expect(written).rejects.toMatchObject({ name: "SourceFailed", cause: reset });
    }
    await using writer = await store.openAtomic("k");
    for (let left = bytes; left > 0; left -= 2 ** 20) await writer.write(new Uint8Array(2 ** 20));
    await writer.abort();
    expect(await store.exists("k")).toBe(false);
    expect(await fixture.leftovers()).toEqual([]);
  }
});

const wrongCredentials: readonly (readonly [string, Credentials])[] = [
  ["InvalidAccessKeyId", { ...rootCredential, accessKeyId: "AKIANOBODYNOBODYNOB1" }],
  ["SignatureDoesNotMatch", { ...rootCredential, secretAccessKey: "x".repeat(40) }],
];

test.each(wrongCredentials)(
  "the audit's (c): %s is PermissionDenied to every call, with path and backend",
  async (code, credentials) => {
    const client = new S3Client({ region, endpoint, credentials });
    await using store = Store.over(new S3Driver({ client, bucket: "proofs" }));
    const denied = { name: "PermissionDenied", path: "k", backend: "s3", retryable: false };
    const named = { ...denied, cause: { errorCode: code } };
    await expect(store.read("k")).rejects.toMatchObject(named);
    await expect(store.readBytes("k")).rejects.toMatchObject(named);
    await expect(store.writeText("k", "")).rejects.toMatchObject(named);
    await expect(store.copy("k", "l")).rejects.toMatchObject(denied);
    await expect(store.exists("k")).rejects.toMatchObject(denied);
    await expect(store.delete("k", { missingOk: true })).rejects.toMatchObject(denied);
    await expect(store.deleteFolder("k", { missingOk: true })).rejects.toMatchObject(denied);
    await expect(store.listFiles("k").next()).rejects.toMatchObject(named);
    await expect(store.ping()).rejects.toMatchObject({ name: "PermissionDenied" });
    client.close();
  },
);

test("a bucket that is not there is NotFound to a ping, a read and a write, and has nothing in it", async () => {
  await using store = Store.over(new S3Driver({ client: s3, bucket: "no-such-bucket" }));
  const notFound = { name: "NotFound" };
  await expect(store.ping()).rejects.toMatchObject(notFound);
  await expect(store.read("k")).rejects.toMatchObject(notFound);
  await expect(store.writeText("k", "")).rejects.toMatchObject(notFound);
  expect(await store.exists("k")).toBe(false);
  expect(await store.listFiles("").next()).toMatchObject({ done: true });
});

test("keys that no path leads to are passed over by listings, and go with their folder", async () => {
  const { store } = await make();
  const bucket = `store-${buckets}`;
  for (const key of ["d/", "d//x", "d/../y", "d/./z", "d/f", "marked/"]) {
    await s3.putObject({ bucket, key, body: "" });
  }
  const listed: string[] = [];
  for await (const { path } of store.listFiles("", { recursive: true })) listed.push(path);
  expect(listed).toEqual(["d/f"]);
  expect((await store.getFolderInfo("d")).fileCount).toBe(1);
  await store.deleteFolder("marked");
  await store.deleteFolder("d", { recursive: true });
  expect((await s3.listObjects({ bucket }).page()).contents).toEqual([]);
});

test("ifMatch deletes, copies and moves the object that has the etag and no other", async () => {
  const { store } = await make();
  const { etag: ifMatch } = await store.writeText("a", "old");
  const { etag } = await store.writeText("a", "new", { overwrite: true });
  const failed = { name: "PreconditionFailed", path: "a", code: "PreconditionFailed", status: 412 };
  await expect(store.delete("a", { ifMatch })).rejects.toMatchObject(failed);
  for (const overwrite of [true, false]) {
    await expect(store.copy("a", "b", { ifMatch, overwrite })).rejects.toMatchObject(failed);
    await expect(store.move("a", "b", { ifMatch, overwrite })).rejects.toMatchObject(failed);
  }
  await store.copy("a", "b", { ifMatch: etag });
  const taken = { name: "AlreadyExists", path: "b" };
  await expect(store.move("a", "b", { ifMatch: etag })).rejects.toMatchObject(taken);
  await store.move("a", "b", { ifMatch: etag, overwrite: true });
  await store.delete("b", { ifMatch: (await store.getFileInfo("b")).etag });
  expect(await store.listFiles("").next()).toMatchObject({ done: true });
});

test("a content type and metadata come back as they were given, in one request as in parts", async () => {
  const { store } = await make();
  const contentType = "text/csv";
  const metadata = { by: "ann", "x-note": "ü  =?x" };
  for (const bytes of [1, 9 * 2 ** 20]) {
    for (const overwrite of [true, false]) {
      const path = `${bytes}-${overwrite}`;
      await store.write(path, new Uint8Array(bytes), { contentType, metadata, overwrite });
      await store.move(path, "moved", { overwrite: true });
      expect(await store.getFileInfo("moved")).toMatchObject({ contentType });
      expect((await store.getFileInfo("moved")).metadata).toEqual(metadata);
    }
  }
});

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly code?: string;
}

/** A store on a service that answers everything alike, until the test ends. */
async function answering({ status, headers, code }: Answer): Promise<Store> {
  const server = createServer((incoming, answer) => {
    const document = code === undefined ? "" : `<Error><Code>${code}</Code></Error>`;
    answer.writeHead(status, headers).end(incoming.method === "HEAD" ? "" : document);
    incoming.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = portOf(server.address());
  const options = { region, credentials: rootCredential, attemptsMax: 1 };
  const client = new S3Client({ ...options, endpoint: `http://127.0.0.1:${port}` });
  onTestFinished(() => {
    client.close();
    server.close();
    server.closeAllConnections();
  });
  return Store.over(new S3Driver({ client, bucket: "b" }));
}

test.each([
  { status: 403, code: "AccessDenied" },
  { status: 400, code: "ExpiredToken" },
])("the audit's (b) and (c): $code is PermissionDenied on read and write", async (answer) => {
  const store = await answering(answer);
  const denied = { name: "PermissionDenied", path: "k", backend: "s3", retryable: false };
  const named = { ...denied, cause: { errorCode: answer.code } };
  await expect(store.read("k")).rejects.toMatchObject(named);
  await expect(store.readBytes("k")).rejects.toMatchObject(named);
  await expect(store.writeText("k", "")).rejects.toMatchObject(named);
  await expect(store.write("k", failing(2 ** 20, new Error()))).rejects.toMatchObject({
    name: "SourceFailed",
  });
});

test("a service that throttles, one with an error of no name and one that is not there are told apart", async () => {
  const slow = { status: 503, headers: { "retry-after": "7" }, code: "SlowDown" };
  const throttled = { name: "Throttled", retryable: true, retryAfter: 7, path: "k" };
  await expect((await answering(slow)).read("k")).rejects.toMatchObject(throttled);
  const unheardOf = await answering({ status: 418, code: "ShortAndStout" });
  const kept = { backend: "s3", cause: { errorCode: "ShortAndStout" } };
  await expect(unheardOf.read("k")).rejects.toMatchObject(kept);
  const client = new S3Client({
    region,
    credentials: rootCredential,
    attemptsMax: 1,
    endpoint: "http://127.0.0.1:9",
  });
  const unavailable = { name: "BackendUnavailable", backend: "s3", retryable: true };
  const store = Store.over(new S3Driver({ client, bucket: "b" }));
  await expect(store.read("k")).rejects.toMatchObject(unavailable);
  client.close();
});

function portOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address;
}
