import { S3Client } from "@holdfast/client";
import { S3Driver, Store } from "@holdfast/store";
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

/** A bucket behind a wire of its own that can be broken. Nothing is tried twice. */
async function make(): Promise<Fixture> {
  const bucket = await newBucket();
  const wire = await startFaultyWire(radosgw.port);
  const as = (credentials: RadosgwUser): S3Client =>
    new S3Client({
      region,
      endpoint: `http://127.0.0.1:${wire.port}`,
      attemptsMax: 1,
      credentials,
    });
  const clients = [as(owner), as(stranger)] as const;
  const [allowed, refused] = clients.map((client) => new S3Driver({ client, bucket }));
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

await conformance(
  { name: `radosgw ${radosgw.version}`, make, secrets: [owner.secretAccessKey] },
  test,
);

const seed = Number(process.env["HOLDFAST_STORE_SEED"] ?? Date.now() % 2 ** 31);

test(`a random run of 1,000 operations comes out as in memory (HOLDFAST_STORE_SEED=${seed})`, async () => {
  const fixture = await make();
  await expect(runAgainstModel(fixture, { seed, steps: 1000 })).resolves.toBeUndefined();
  await fixture.end();
});
