import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";
import type { Client, Mistake, Refused } from "./client.ts";
import type { Fixture } from "./context.ts";
import { sha256OfFile } from "./fixtures.ts";
import { oddKeys } from "./odd-keys.ts";
import { followPresigned, rawRequest } from "./raw-request.ts";
import type { Session } from "./session.ts";
import { saysUnder, type Step, type World } from "./steps.ts";

const plain = "plain.bin";
const copied = "copied ü+.bin";
const presigned = "presigned ü+.bin";

/** Fails unless the suite's own signed request finds the fixture's bytes under exactly this key. */
async function expectStored(
  { session, bucket }: World,
  key: string,
  fixture: Fixture,
): Promise<void> {
  const { status, body } = await rawRequest(session, { method: "GET", bucket, key });
  expect({ status, size: body.length }).toEqual({ status: 200, size: fixture.size });
  expect(body.equals(await readFile(fixture.file)), `bytes of ${key}`).toBe(true);
}

async function expectFetched(client: Client, world: World, key: string): Promise<string> {
  const file = join(world.session.home, "fetched");
  await client.open(world.session).get({ bucket: world.bucket, key }, file);
  return sha256OfFile(file);
}

function oddKeyStep(client: Client, id: string, key: string): Step {
  return {
    id: `key:${id}`,
    promise: `puts and gets the key ${JSON.stringify(key)} unchanged`,
    run: async (world) => {
      const { session, bucket, fixtures } = world;
      await client.open(session).put({ bucket, key }, fixtures.small.file);
      await expectStored(world, key, fixtures.small);
      expect(await expectFetched(client, world, key)).toBe(fixtures.small.sha256);
    },
  };
}

const listOddKeysStep = (client: Client): Step => ({
  id: "list:odd-keys",
  promise: "lists every odd key unchanged",
  run: async ({ session, bucket }) => {
    const put = Object.entries(oddKeys).flatMap(([id, key]) =>
      Object.hasOwn(client.cannot, `key:${id}`) ? [] : [key],
    );
    const listed = await client.open(session).list(bucket);
    expect(listed.toSorted()).toEqual([plain, ...put].toSorted());
  },
});

function multipartStep(client: Client, size: "large" | "medium", label: string): Step {
  return {
    id: `multipart:${label}`,
    promise: `uploads ${label} in parts and gets the same bytes back`,
    run: async (world) => {
      const { session, bucket, fixtures } = world;
      const key = `parts-${size}.bin`;
      const driver = client.open(session);
      await driver.multipart({ bucket, key }, fixtures[size].file);
      const head = await rawRequest(session, { method: "HEAD", bucket, key });
      expect(head.headers.etag, "the ETag of an object of several parts").toMatch(
        /^"[0-9a-f]{32}-(?:[2-9]|[1-9][0-9]+)"$/,
      );
      expect(head.headers["content-length"]).toBe(String(fixtures[size].size));
      expect(await expectFetched(client, world, key)).toBe(fixtures[size].sha256);
      await driver.remove({ bucket, key });
    },
  };
}

/** How each mistake is made: what is asked for, and with which credential. */
const mistakes: Readonly<
  Record<Mistake, { refused: (bucket: string) => Refused; session: Partial<Session> }>
> = {
  "missing-key": { refused: (bucket) => ({ bucket, key: "no/such/key" }), session: {} },
  "missing-bucket": { refused: (bucket) => ({ bucket: `${bucket}-none` }), session: {} },
  "wrong-secret": {
    refused: (bucket) => ({ bucket }),
    session: { secretAccessKey: "wrong/wrong+wrong/wrong+wrong/wrong+wron" },
  },
  "unknown-key-id": {
    refused: (bucket) => ({ bucket }),
    session: { accessKeyId: "AKIAUNKNOWNUNKNOWNXX" },
  },
};

function mistakeStep(client: Client, mistake: Mistake): Step {
  const { refused, session } = mistakes[mistake];
  return {
    id: `reports:${mistake}`,
    promise: `reports as its own error: ${mistake.replaceAll("-", " ")}`,
    says: client.reports[mistake],
    run: async (world) => {
      const driver = client.open({ ...world.session, ...session });
      expect(await driver.refusal(refused(world.bucket))).toBe(
        saysUnder(client.reports[mistake], world.session.profile),
      );
    },
  };
}

const first = (client: Client): readonly Step[] => [
  {
    id: "create-bucket",
    promise: "creates a bucket that is there for others",
    run: async ({ session, bucket }) => {
      await client.open(session).createBucket(bucket);
      expect((await rawRequest(session, { method: "HEAD", bucket })).status).toBe(200);
    },
  },
  {
    id: "put-get",
    promise: "puts an object and gets the same bytes back",
    run: async (world) => {
      const { session, bucket, fixtures } = world;
      await client.open(session).put({ bucket, key: plain }, fixtures.small.file);
      await expectStored(world, plain, fixtures.small);
      expect(await expectFetched(client, world, plain)).toBe(fixtures.small.sha256);
    },
  },
  {
    id: "head",
    promise: "reads an object's size without fetching it",
    run: async ({ session, bucket, fixtures }) => {
      const size = await client.open(session).head({ bucket, key: plain });
      expect(size).toBe(fixtures.small.size);
    },
  },
  {
    id: "list",
    promise: "lists what was put and nothing else",
    run: async ({ session, bucket }) => {
      expect(await client.open(session).list(bucket)).toEqual([plain]);
    },
  },
];

const later = (client: Client): readonly Step[] => [
  {
    id: "copy",
    promise: "copies an object to a key with a space, an umlaut and a plus",
    run: async (world) => {
      const { session, bucket, fixtures } = world;
      await client.open(session).copy({ bucket, key: copied }, plain);
      await expectStored(world, copied, fixtures.small);
    },
  },
  {
    id: "presign:get",
    promise: "presigns a GET that anyone can follow",
    run: async ({ session, bucket, fixtures }) => {
      const url = await client.open(session).presign({ bucket, key: copied }, "GET");
      const { status, body } = await followPresigned(url, { method: "GET" });
      expect({ status, size: body.length }).toEqual({ status: 200, size: fixtures.small.size });
      expect(body.equals(await readFile(fixtures.small.file)), "bytes behind the URL").toBe(true);
    },
  },
  {
    id: "presign:put",
    promise: "presigns a PUT that anyone can follow",
    run: async (world) => {
      const { session, bucket, fixtures } = world;
      const url = await client.open(session).presign({ bucket, key: presigned }, "PUT");
      const body = await readFile(fixtures.small.file);
      expect((await followPresigned(url, { method: "PUT", body })).status).toBe(200);
      await expectStored(world, presigned, fixtures.small);
    },
  },
];

const last = (client: Client): readonly Step[] => [
  {
    id: "delete",
    promise: "deletes an object",
    run: async ({ session, bucket }) => {
      await client.open(session).remove({ bucket, key: copied });
      const head = await rawRequest(session, { method: "HEAD", bucket, key: copied });
      expect(head.status).toBe(404);
    },
  },
  {
    id: "delete:all",
    promise: "deletes all other objects and then the bucket",
    run: async ({ session, bucket }) => {
      const driver = client.open(session);
      await driver.empty(bucket);
      expect(await driver.list(bucket)).toEqual([]);
      await driver.removeBucket(bucket);
      expect((await rawRequest(session, { method: "HEAD", bucket })).status).toBe(404);
    },
  },
];

/** What every client that speaks of buckets and keys must be able to do, in the order it is done. */
export function ordinarySteps(client: Client): readonly Step[] {
  return [
    ...first(client),
    ...Object.entries(oddKeys).map(([id, key]) => oddKeyStep(client, id, key)),
    listOddKeysStep(client),
    multipartStep(client, "medium", "20 MB"),
    multipartStep(client, "large", "200 MB"),
    ...later(client),
    mistakeStep(client, "missing-key"),
    mistakeStep(client, "missing-bucket"),
    mistakeStep(client, "wrong-secret"),
    mistakeStep(client, "unknown-key-id"),
    ...last(client),
  ];
}
