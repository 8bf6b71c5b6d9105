import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { S3Client } from "@holdfast/client";
import { LocalDriver, S3Driver, Store } from "@holdfast/store";
import { startLocalGateway } from "../proofs/local-gateway.ts";
import { region, rootCredential } from "../proofs/root-credential.ts";

const local = await startLocalGateway();
const endpoint = `http://127.0.0.1:${local.port}`;
const client = new S3Client({ region, endpoint, credentials: rootCredential });
await local.engine.createBucket("store");

afterAll(async () => {
  client.close();
  await local.close();
});

const store = Store.over(new S3Driver({ client, bucket: "store" }));

test("whoever has a signed request reads or writes the file, and only so", async () => {
  const contentType = "text/csv";
  const put = await store.child("d").presignPut("signed f", { expiresIn: 60, contentType });
  expect(put).toMatchObject({ method: "PUT", headers: { "content-type": contentType } });
  expect(put.expiresAt.getTime()).toBeLessThanOrEqual(Date.now() + 60_000);
  const stored = await fetch(put.url, { method: "PUT", headers: put.headers, body: "a,b" });
  expect(stored.status).toBe(200);
  expect(await store.getFileInfo("d/signed f")).toMatchObject({ size: 3, contentType });
  const { url, headers } = await store.presignGet("d/signed f");
  expect(await (await fetch(url, { headers })).text()).toBe("a,b");
  expect((await fetch(url, { method: "PUT", body: "x" })).ok).toBe(false);
  expect(await store.readText("d/signed f")).toBe("a,b");
  await expect(store.presignGet("f", { expiresIn: 0 })).rejects.toThrow("expiresIn");
  await expect(store.presignGet("f", { expiresIn: 1e6 })).rejects.toMatchObject({ path: "f" });
  await expect(store.presignGet("")).rejects.toMatchObject({ name: "InvalidPath" });
  const onDisk = Store.over(new LocalDriver({ root: import.meta.dirname }));
  const lacking = { name: "CapabilityNotSupported", capability: "presign", path: "f" };
  await expect(onDisk.presignPut("f")).rejects.toMatchObject(lacking);
});

test("a store gives out its driver and its client by their classes, and nothing else", async () => {
  const driver: S3Driver = store.unwrap(S3Driver);
  expect(driver.name).toBe("s3");
  expect(store.child("d").unwrap(S3Client)).toBe(client);
  const lacking = { name: "CapabilityNotSupported", capability: "unwrap", backend: "s3" };
  expect(() => store.unwrap(LocalDriver)).toThrow(expect.objectContaining(lacking));
  const closed = Store.over(new S3Driver({ client, bucket: "store" }));
  await closed.close();
  expect(() => closed.unwrap(S3Client)).toThrow(expect.objectContaining({ name: "Closed" }));
});

test("many files are deleted with one request for each thousand, hostile names among them", async () => {
  const paths = ["many/a b", "many/%41", "many/ü", "many/\u0001", "many/<&>", "many/no/such"];
  for (const path of paths.slice(0, -1)) await store.writeText(path, "");
  const outcomes = await store.deleteMany(paths);
  expect(outcomes).toEqual(paths.map((path) => ({ path, deleted: true })));
  expect(await store.isFolder("many")).toBe(false);
  const absent = Store.over(new S3Driver({ client, bucket: "no-such-bucket" }));
  expect(await absent.deleteMany(["f"])).toEqual([{ path: "f", deleted: true }]);
  const nobody = { ...rootCredential, accessKeyId: "AKIANOBODYNOBODYNOB1" };
  const refused = new S3Client({ region, endpoint, credentials: nobody });
  const denied = Store.over(new S3Driver({ client: refused, bucket: "store" }));
  expect(await denied.deleteMany(["f", "g"])).toMatchObject([
    { path: "f", deleted: false, error: { name: "PermissionDenied", path: "f" } },
    { path: "g", deleted: false, error: { code: "InvalidAccessKeyId", path: "g" } },
  ]);
  refused.close();
});

test("reads here and there of an object are of one object", async () => {
  const whole = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  await store.write("seekable", whole);
  await using file = await store.readSeekable("seekable");
  expect(whole.subarray(-10).equals(await file.read(299_990, 100))).toBe(true);
  expect(whole.subarray(0, 5).equals(await file.read(0, 5))).toBe(true);
  await store.write("seekable", whole.fill(1), { overwrite: true });
  const modified = { name: "ModifiedDuringRead", path: "seekable", status: 412 };
  await expect(file.read(150_000, 5)).rejects.toMatchObject(modified);
});

test("a service that lacks conditions is written to after a look, and refused what must not be a race", async () => {
  const lacks = ["atomic_create", "conditional_write"] as const;
  const lesser = Store.over(new S3Driver({ client, bucket: "store", lacks }));
  await lesser.writeText("looked", "old");
  const taken = { name: "AlreadyExists", path: "looked" };
  await expect(lesser.writeText("looked", "new")).rejects.toMatchObject(taken);
  const swapped = lesser.writeText("looked", "new", { ifMatch: "e" });
  await expect(swapped).rejects.toMatchObject({ name: "CapabilityNotSupported" });
  const required = lesser.writeText("other", "", { atomic: "require" });
  await expect(required).rejects.toMatchObject({ capability: "atomic_create" });
});

/** A store on a service that takes a whole request and then says nothing, ever, or breaks off. */
async function mute(
  breaksOff: boolean,
): Promise<{ readonly store: Store; readonly taken: Promise<unknown> }> {
  const requests = new EventEmitter();
  const server = createServer((incoming) => {
    incoming.resume().on("end", () => {
      requests.emit("taken");
      if (breaksOff) incoming.socket.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const to = new S3Client({
    region,
    credentials: rootCredential,
    attemptsMax: 1,
    endpoint: `http://127.0.0.1:${port}`,
  });
  onTestFinished(() => {
    to.close();
    server.close();
    server.closeAllConnections();
  });
  const taken = once(requests, "taken");
  return { store: Store.over(new S3Driver({ client: to, bucket: "b" })), taken };
}

test("a write whose answer is lost is ambiguous, and so is one that a signal ends by then; a read is not", async () => {
  const broken = await mute(true);
  const lost = { name: "BackendUnavailable", path: "f", ambiguous: true };
  const overwrite = true;
  await expect(broken.store.writeText("f", "x", { overwrite })).rejects.toMatchObject(lost);
  const reading = broken.store.read("f");
  await expect(reading).rejects.toMatchObject({ ...lost, ambiguous: false });
  const { store: silent, taken } = await mute(false);
  const ending = new AbortController();
  const { signal } = ending;
  const written = silent
    .writeText("f", "x", { overwrite, signal })
    .catch((error: unknown) => error);
  await taken;
  ending.abort(new Error("enough"));
  expect(await written).toMatchObject({ name: "Aborted", path: "f", ambiguous: true });
  const early = silent.writeText("f", "x", { overwrite, signal });
  await expect(early).rejects.toMatchObject({ name: "Aborted", ambiguous: false });
});

test("a refusal of a range that the file has is ModifiedDuringRead, and not an empty file", async () => {
  const server = createServer((incoming, response) => {
    if (incoming.method === "HEAD")
      response.writeHead(200, { "content-length": "10", etag: '"e"' }).end();
    else response.writeHead(416).end("<Error><Code>InvalidRange</Code></Error>");
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const own = new S3Client({
    region,
    endpoint: `http://127.0.0.1:${port}`,
    credentials: rootCredential,
  });
  onTestFinished(() => {
    own.close();
    server.close();
  });
  const grown = Store.over(new S3Driver({ client: own, bucket: "b" }));
  const failed = { name: "ModifiedDuringRead", path: "f", retryable: true };
  await expect(grown.readBytes("f", { offset: 3, length: 2 })).rejects.toMatchObject(failed);
  expect(await grown.readBytes("f", { offset: 10 })).toHaveLength(0);
});
