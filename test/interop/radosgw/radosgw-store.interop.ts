import { S3Client } from "@holdfast/client";
import { type Capability, S3Driver, Store } from "@holdfast/store";
import { conformance, runAgainstModel, type Fixture } from "@holdfast/store/conformance";
import { afterAll, expect, test, vi } from "vitest";
import { startFaultyWire } from "../../store/faulty-wire.ts";
import { installRadosgw, type RadosgwUser, startRadosgw } from "./start-radosgw.ts";

const missing = installRadosgw();
if (missing !== undefined) throw new Error(missing);
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });
const radosgw = await startRadosgw();
const { url: endpoint, region, owner, stranger } = radosgw;
const behind = new S3Client({ region, endpoint, credentials: owner });

afterAll(async () => {
  behind.close();
  await radosgw.stop();
});

/**
 * It compares If-Match with its quotes to an ETag without, so that none ever matches; ignores it of a deletion; looks for
 * the one of a copy's source under another name; and knows If-None-Match of a PUT, but not of a copy or a completion.
 */
const lacks: readonly Capability[] = [
  "atomic_create",
  "conditional_copy",
  "conditional_delete",
  "conditional_write",
];

const exceptions = {
  "attributes.dashes":
    "It reads an underscore in a header's name as a dash, and so finds another signature.",
};

let buckets = 0;

async function newBucket(): Promise<string> {
  buckets += 1;
  const bucket = `store-${buckets}`;
  await behind.createBucket({ bucket });
  return bucket;
}

async function dropBucket(bucket: string): Promise<void> {
  const objects: string[] = [];
  for await (const { key } of behind.listObjects({ bucket })) objects.push(key);
  for (let at = 0; at < objects.length; at += 1000) {
    await behind.deleteObjects({ bucket, objects: objects.slice(at, at + 1000) });
  }
  await behind.deleteBucket({ bucket });
}

/** A bucket behind a wire of its own that can be broken. */
async function make(more: { readonly attemptsMax?: number } = {}): Promise<Fixture> {
  const bucket = await newBucket();
  const wire = await startFaultyWire(radosgw.port);
  const as = (credentials: RadosgwUser): S3Client =>
    new S3Client({
      region,
      endpoint: `http://127.0.0.1:${wire.port}`,
      ...more,
      credentials,
    });
  const clients = [as(owner), as(stranger)] as const;
  const [allowed, refused] = clients.map((client) => new S3Driver({ client, bucket, lacks }));
  if (allowed === undefined || refused === undefined) throw new Error("there are two");
  let isDenied = false;
  const driver = new Proxy(allowed, {
    get(target, name): unknown {
      const current = isDenied ? refused : target;
      const value: unknown = Reflect.get(current, name, current);
      const isMethod = typeof value === "function" && name !== "constructor";
      return isMethod ? value.bind(current) : value;
    },
  });
  return {
    driver,
    store: Store.over(driver),
    leftovers: async () => {
      const { uploads } = await behind.listMultipartUploads({ bucket }).page();
      return uploads.map(({ key, uploadId }) => `${key} ${uploadId}`);
    },
    dropContainer: () => dropBucket(bucket),
    denyAll: async () => {
      isDenied = true;
    },
    faultNext: (fault) => wire.next(fault),
    end: async () => {
      for (const client of clients) client.close();
      await wire.close();
    },
  };
}

const secrets = [owner.secretAccessKey];

/** What fails by intent is seen to fail: nothing is tried twice. */
const once = (): Promise<Fixture> => make({ attemptsMax: 1 });

await conformance({ name: `radosgw ${radosgw.version}`, make: once, exceptions, secrets }, test);

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

test(`a random run of 1,000 operations comes out as in memory (HOLDFAST_SEED=${seed})`, async () => {
  const fixture = await make();
  await expect(runAgainstModel(fixture, { seed, steps: 1000 })).resolves.toBeUndefined();
  await fixture.end();
});

/** Gives a MiB and fails with the error. */
async function* failing(error: Error): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(2 ** 20);
  throw error;
}

test("the audit's (b): a valid credential is refused a bucket of another's as PermissionDenied, and leaves no trace", async () => {
  const bucket = await newBucket();
  await behind.putObject({ bucket, key: "k", body: "theirs" });
  const client = new S3Client({ region, endpoint, credentials: stranger });
  await using store = Store.over(new S3Driver({ client, bucket }));
  const denied = { name: "PermissionDenied", path: "k", backend: "s3", retryable: false };
  const named = { ...denied, code: "AccessDenied", status: 403 };
  await expect(store.read("k")).rejects.toMatchObject(named);
  await expect(store.readBytes("k")).rejects.toMatchObject(named);
  await expect(store.writeText("k", "ours", { overwrite: true })).rejects.toMatchObject(named);
  await expect(
    store.writeAtomic("k", Buffer.from("ours"), { overwrite: true }),
  ).rejects.toMatchObject(named);
  await expect(store.listFiles("k").next()).rejects.toMatchObject(named);
  // The answer to a HEAD has no code: the status alone has to do.
  await expect(store.getFileInfo("k")).rejects.toMatchObject({ ...denied, status: 403 });
  await expect(store.exists("k")).rejects.toMatchObject(denied);
  await expect(store.delete("k", { missingOk: true })).rejects.toMatchObject(denied);
  await expect(store.ping()).rejects.toMatchObject({ name: "PermissionDenied" });
  const cause = new Error("the source failed");
  const source = { overwrite: true } as const;
  await expect(store.write("k", failing(cause), source)).rejects.toMatchObject({
    name: "SourceFailed",
    cause,
  });
  const { body } = await behind.getObject({ bucket, key: "k" });
  expect(await body.text()).toBe("theirs");
  expect((await behind.listMultipartUploads({ bucket }).page()).uploads).toEqual([]);
  client.close();
});

test("a credential that nobody has, and a wrong secret, are PermissionDenied by their codes", async () => {
  const bucket = await newBucket();
  const wrong = [
    ["InvalidAccessKeyId", { ...owner, accessKeyId: "AKIANOBODYNOBODYNOB1" }],
    ["SignatureDoesNotMatch", { ...owner, secretAccessKey: "x".repeat(40) }],
  ] as const;
  for (const [code, credentials] of wrong) {
    const client = new S3Client({ region, endpoint, credentials });
    await using store = Store.over(new S3Driver({ client, bucket }));
    const denied = { name: "PermissionDenied", code, path: "k", retryable: false };
    await expect(store.read("k")).rejects.toMatchObject(denied);
    await expect(store.writeText("k", "")).rejects.toMatchObject(denied);
    client.close();
  }
});
