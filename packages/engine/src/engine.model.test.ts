import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Error, s3Error } from "@holdfast/protocol";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ListEntry } from "./api.ts";
import { openEngine, type OpenEngine } from "./open-engine.ts";

interface Stored {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly user: Readonly<Record<string, string>>;
}

interface World {
  engine: OpenEngine;
  readonly directory: string;
  readonly model: Map<string, Stored>;
}

interface Step {
  readonly kind:
    | "copy"
    | "delete"
    | "delete many"
    | "list"
    | "put"
    | "put if absent"
    | "put that fails"
    | "reopen"
    | "upload";
  readonly key: string;
  readonly other: string;
  readonly size: number;
  readonly fill: number;
}

const bucket = "b";

const keys = fc
  .oneof(
    fc.constantFrom(
      "a",
      "a/",
      "a/b",
      "a/b/c",
      "a0",
      "b\u0000",
      "b\u0000\u0001c",
      "",
      "ä/é",
      "../x",
      "/x",
    ),
    fc.constantFrom(
      "\u{1f600}",
      "\uffee",
      "__proto__",
      "a//b",
      "%2f",
      "b\u0000/",
      "\u0000",
      "a/\u{10ffff}",
    ),
    fc.string({ unit: "binary", minLength: 1, maxLength: 6 }),
  )
  .map((key) => (key === "" ? "k" : key));

const steps: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom<Step["kind"][]>(
    "copy",
    "delete",
    "delete many",
    "list",
    "put",
    "put",
    "put",
    "put if absent",
    "put that fails",
    "reopen",
    "upload",
  ),
  key: keys,
  other: keys,
  size: fc.constantFrom(0, 1, 100, 16_384, 16_385, 65_536, 70_000, 200_000),
  fill: fc.integer({ min: 0, max: 255 }),
});

const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("hex");

async function* once(bytes: Buffer, failure?: Error): AsyncGenerator<Buffer> {
  yield bytes;
  if (failure !== undefined) throw failure;
}

const put = async (
  world: World,
  { key, size, fill }: Step,
  extra: { readonly absent?: boolean; readonly failure?: Error },
): Promise<void> => {
  const bytes = Buffer.alloc(size, fill);
  const user = { fill: String(fill) };
  const info = await world.engine.putObject({
    bucket,
    key,
    body: once(bytes, extra.failure),
    size,
    metadata: { system: {}, user },
    checksumAlgorithm: "SHA256",
    precondition: (current) => {
      expect(current?.etag).toEqual(world.model.get(key)?.etag);
      if (extra.absent && current) {
        throw s3Error("PreconditionFailed", { Condition: "If-None-Match" });
      }
    },
  });
  expect(info).toMatchObject({ size, etag: md5(bytes) });
  world.model.set(key, { bytes, etag: info.etag, user });
};

const upload = async (world: World, { key, size, fill }: Step): Promise<void> => {
  const user = { fill: String(fill) };
  const ref = await world.engine.createUpload({ bucket, key, metadata: { system: {}, user } });
  const bytes = Buffer.alloc(size, fill);
  for (const partNumber of [3, 7, 7]) {
    await world.engine.putPart({ ...ref, partNumber, body: once(bytes), size });
  }
  const parts = [{ partNumber: 7, etag: md5(bytes) }];
  const wrong = [{ partNumber: 8, etag: md5(bytes) }];
  await expect(world.engine.completeUpload({ ...ref, parts: wrong })).rejects.toMatchObject({
    code: "InvalidPart",
  });
  const info = await world.engine.completeUpload({ ...ref, parts });
  expect(await world.engine.completeUpload({ ...ref, parts })).toEqual(info);
  await expect(world.engine.abortUpload(ref)).rejects.toMatchObject({ code: "NoSuchUpload" });
  world.model.set(key, { bytes, etag: info.etag, user });
};

const copy = async (world: World, { key, other, fill }: Step): Promise<void> => {
  const source = world.model.get(other);
  const replaced = fill % 2 === 0 ? { fill: String(fill) } : undefined;
  const copied = world.engine.copyObject({
    bucket,
    key,
    source: { bucket, key: other },
    ...(replaced === undefined ? {} : { metadata: { system: {}, user: replaced } }),
  });
  if (source === undefined) {
    await expect(copied).rejects.toMatchObject({ code: "NoSuchKey", details: { Key: other } });
    return;
  }
  await copied;
  world.model.set(key, { ...source, user: replaced ?? source.user });
};

const nameBytes = (listed: string): Buffer => Buffer.from(listed.slice(7));

/** What S3 lists, in the plainest way there is. */
const listed = (world: World, prefix: string, delimiter: string): string[] => {
  const names = [...world.model.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
      return at === -1 ? `object ${key}` : `prefix ${key.slice(0, at + delimiter.length)}`;
    });
  return [...new Set(names)].toSorted((a, b) => Buffer.compare(nameBytes(a), nameBytes(b)));
};

const nameOf = (entry: ListEntry): string =>
  entry.type === "object" ? `object ${entry.object.key}` : `prefix ${entry.prefix}`;

const list = async (world: World, { key, size }: Step): Promise<void> => {
  for (const prefix of ["", String.fromCodePoint(key.codePointAt(0) ?? 0), key]) {
    for (const delimiter of ["", "/", "b", "\u0000"]) {
      const all: string[] = [];
      for (let after: string | undefined = ""; after !== undefined;) {
        const limit = 1 + (size % 4);
        const page = await world.engine.listObjects({ bucket, prefix, delimiter, after, limit });
        expect(page.entries.length).toBeLessThanOrEqual(limit);
        all.push(...page.entries.map(nameOf));
        after = page.next;
      }
      expect(all).toEqual(listed(world, prefix, delimiter));
    }
  }
};

const steppers: Readonly<Record<Step["kind"], (world: World, step: Step) => Promise<void>>> = {
  put: (world, step) => put(world, step, {}),
  async "put if absent"(world, step) {
    const code = world.model.has(step.key) ? "PreconditionFailed" : undefined;
    const failure = await put(world, step, { absent: true }).catch((error: unknown) => error);
    expect(S3Error.is(failure) ? failure.code : failure).toBe(code);
  },
  async "put that fails"(world, step) {
    const failure = new Error("the source broke");
    await expect(put(world, step, { failure })).rejects.toBe(failure);
  },
  async delete(world, { key }) {
    await world.engine.deleteObject({ bucket, key });
    world.model.delete(key);
  },
  async "delete many"(world, { key, other }) {
    const refusal = s3Error("PreconditionFailed", { Condition: "If-None-Match" });
    const refuse = (): never => {
      throw refusal;
    };
    const deletes = [{ key: other, precondition: refuse }, { key }];
    expect(await world.engine.deleteObjects(bucket, deletes)).toEqual([refusal, undefined]);
    world.model.delete(key);
  },
  copy,
  list,
  upload,
  async reopen(world) {
    await world.engine.close();
    world.engine = await openEngine({ directory: world.directory });
    expect(world.engine.recovered).toMatchObject({ orphanedBlobs: 0, cutBytes: 0, created: false });
  },
};

const compare = async ({ engine, model }: World): Promise<void> => {
  for (const [key, { bytes, etag, user }] of model) {
    const object = await engine.openObject(bucket, key);
    const read: Buffer[] = [];
    for await (const piece of object.read()) read.push(Buffer.from(piece));
    await object.close();
    expect({ etag: object.info.etag, user: object.info.metadata.user }).toEqual({ etag, user });
    expect(Buffer.concat(read).equals(bytes)).toBe(true);
  }
};

test("any run of operations, with restarts between them, agrees with a map", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { maxLength: 30 }), async (run) => {
      const directory = await mkdtemp(join(tmpdir(), "holdfast-model-"));
      const world: World = { directory, engine: await openEngine({ directory }), model: new Map() };
      try {
        await world.engine.createBucket(bucket);
        for (const step of run) await steppers[step.kind](world, step);
        await compare(world);
        for (const key of world.model.keys()) await world.engine.deleteObject({ bucket, key });
        await world.engine.deleteBucket(bucket);
        await world.engine.close();
        const left = await readdir(join(directory, "blobs"), { recursive: true });
        expect(left.filter((name) => name.includes("/"))).toEqual([]);
      } finally {
        await world.engine.close();
        await rm(directory, { recursive: true, force: true });
      }
    }),
    { numRuns: 100 },
  );
}, 300_000);
