import { createHash, randomBytes } from "node:crypto";
import {
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { IteratedBody } from "../bodies/iterated-body.ts";
import { S3AccessDeniedError, S3NotFoundError } from "../errors/classes.ts";
import { S3Error } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import { DiskCache, type DiskCacheOptions } from "./disk-cache.ts";
import { FallbackError, type SourceFailure } from "./fallback-error.ts";
import { withFallback, type FallbackInput, type ObjectSource } from "./fallback.ts";
import { firstSource } from "./first-source.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "holdfast-fallback-"));
});
afterAll(() => rm(root, { recursive: true }));

const input: FallbackInput = { bucket: "photos", key: "cat.jpg" };

function failure(code: string, status?: number): S3Error {
  const context = { operation: "GetObject", bucket: "photos", key: "cat.jpg" };
  return toS3Error({ code, status }, { context, history: [], ambiguous: false });
}

/** An object of these pieces; an error among them breaks it off there. */
function object(...pieces: (string | Uint8Array | Error)[]) {
  async function* bytes() {
    for (const piece of pieces) {
      if (piece instanceof Error) throw piece;
      yield Buffer.from(piece);
    }
  }
  const lastModified = new Date("2026-11-21T08:00:00Z");
  const metadata = { owner: "né" };
  const body = new IteratedBody(bytes(), () => Promise.resolve());
  return { etag: "e1", contentType: "image/jpeg", lastModified, metadata, body };
}

/** A source that gives the same again and again: an object made anew, or an error. */
function source(name: string, give: () => ReturnType<typeof object> | Error) {
  const asked: FallbackInput[] = [];
  const reader: ObjectSource = {
    async getObject(of) {
      asked.push(of);
      const given = give();
      if (given instanceof Error) throw given;
      return given;
    },
  };
  return { name, source: reader, asked };
}

const down = (name: string) => source(name, () => failure("ECONNREFUSED"));

interface CacheRig {
  readonly directory: string;
  readonly cache: DiskCache;
  readonly errors: unknown[];
  readonly clock: { ms: number };
}

async function cacheRig(options: Partial<DiskCacheOptions> = {}): Promise<CacheRig> {
  const directory = join(await mkdtemp(join(root, "case-")), "cache");
  const errors: unknown[] = [];
  const clock = { ms: Date.now() };
  const cache = new DiskCache({
    directory,
    onError: (error) => errors.push(error),
    now: () => clock.ms,
    ...options,
  });
  return { directory, cache, errors, clock };
}

/** Puts an object into a cache as a user would: by reading it. */
async function readThrough(
  cache: DiskCache,
  of: FallbackInput,
  ...pieces: (string | Uint8Array)[]
) {
  const reader = withFallback({ cache, sources: [source("primary", () => object(...pieces))] });
  await (await reader.getObject(of)).body.bytes();
}

const cached = (cache: DiskCache, of: FallbackInput = input) =>
  withFallback({ cache, sources: [down("primary")] }).getObject(of);

/** A hit without its body, which is let go. */
async function cachedSummary(cache: DiskCache, of: FallbackInput = input) {
  const { body, ...summary } = await cached(cache, of);
  await body.dispose();
  return summary;
}

test("the first source that can answer does, and the result says which, and what the others failed with", async () => {
  const told: SourceFailure[] = [];
  const reader = withFallback({
    sources: [down("primary"), source("secondary", () => object("cat"))],
    onFallback: (each) => told.push(each),
  });
  const found = await reader.getObject(input);
  expect(await found.body.text()).toBe("cat");
  expect(found).toMatchObject({ source: "secondary", ageMs: 0, etag: "e1" });
  expect(found.failures).toMatchObject([
    { source: "primary", error: { errorCode: "ECONNREFUSED" } },
  ]);
  expect(told).toEqual(found.failures);
});

test.each([
  ["403", failure("AccessDenied", 403), S3AccessDeniedError],
  ["404", failure("NoSuchKey", 404), S3NotFoundError],
  ["a bad signature", failure("SignatureDoesNotMatch", 403), S3AccessDeniedError],
  ["a caller's mistake", failure("InvalidArgument", 400), S3Error],
  ["an abort", failure("Aborted"), S3Error],
  ["501", failure("NotImplemented", 501), S3Error],
  ["a bug", new TypeError("x"), TypeError],
])(
  "%s is an answer: neither another source nor the cache hides it",
  async (_what, error, Class) => {
    const { cache } = await cacheRig();
    await readThrough(cache, input, "stale");
    const secondary = source("secondary", () => object("wrong"));
    const reader = withFallback({ cache, sources: [source("primary", () => error), secondary] });
    await expect(reader.getObject(input)).rejects.toBe(error);
    expect(error).toBeInstanceOf(Class);
    expect(secondary.asked).toEqual([]);
  },
);

test.each([
  ["a 500", failure("InternalError", 500)],
  ["a 503", failure("ServiceUnavailable", 503)],
  ["throttling", failure("SlowDown", 503)],
  ["a reset", failure("ECONNRESET")],
  ["a name that does not resolve", failure("ENOTFOUND")],
  ["no answer in time", failure("HeadersTimeout")],
  ["an open circuit", failure("CircuitOpen")],
  ["an errno of another library", Object.assign(new Error(""), { code: "ECONNREFUSED" })],
])("after %s the next source is asked", async (_what, error) => {
  const sources = [source("primary", () => error), source("secondary", () => object("cat"))];
  expect(await withFallback({ sources }).getObject(input)).toMatchObject({ source: "secondary" });
});

test("when no source answers the error has them all, and speaks for the first", async () => {
  const primary = failure("InternalError", 500);
  const secondary = failure("ECONNRESET");
  const sources = [source("primary", () => primary), source("secondary", () => secondary)];
  const error: unknown = await withFallback({ sources })
    .getObject(input)
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(FallbackError);
  expect(error).toMatchObject({
    errorCode: "InternalError",
    statusCode: 500,
    retryable: true,
    key: "cat.jpg",
    cause: primary,
    failures: [
      { source: "primary", error: primary },
      { source: "secondary", error: secondary },
    ],
  });
});

test("a replica's 404 while the primary is down is not told as a missing object", async () => {
  const { cache } = await cacheRig();
  await readThrough(cache, input, "cat");
  const missing = failure("NoSuchKey", 404);
  const sources = [down("primary"), source("replica", () => missing)];
  const reading = withFallback({ sources, cache }).getObject(input);
  await expect(reading).rejects.toMatchObject({
    name: "FallbackError",
    errorCode: "ECONNREFUSED",
    failures: [{ source: "primary" }, { source: "replica", error: missing }],
  });
  await expect(reading).rejects.not.toBeInstanceOf(S3NotFoundError);
});

test("what was read is served from the cache when no source answers, with its age", async () => {
  const { cache, clock, errors } = await cacheRig();
  await readThrough(cache, input, "ca", "t");
  clock.ms += 90_000;
  const found = await cached(cache);
  expect(await found.body.text()).toBe("cat");
  expect(found).toMatchObject({
    source: "cache",
    ageMs: 90_000,
    etag: "e1",
    contentType: "image/jpeg",
    lastModified: new Date("2026-11-21T08:00:00Z"),
    metadata: { owner: "né" },
    failures: [{ source: "primary" }],
  });
  expect(errors).toEqual([]);
});

test("a cache outlives its process, and a source that answers is always preferred to it", async () => {
  const { cache, directory, clock } = await cacheRig();
  await readThrough(cache, input, "old");
  const again = new DiskCache({ directory, now: () => clock.ms });
  expect(await (await cached(again)).body.text()).toBe("old");
  await readThrough(again, input, "new");
  expect(await (await cached(again)).body.text()).toBe("new");
});

test("an object that is too stale is not served, nor one from the future", async () => {
  const { cache, clock } = await cacheRig({ ageMsMax: 60_000 });
  await readThrough(cache, input, "cat");
  clock.ms += 60_000;
  expect(await cachedSummary(cache)).toMatchObject({ ageMs: 60_000 });
  clock.ms += 1;
  await expect(cached(cache)).rejects.toBeInstanceOf(FallbackError);
  await readThrough(cache, input, "cat");
  clock.ms -= 3_600_000;
  await expect(cached(cache)).rejects.toBeInstanceOf(FallbackError);
});

test("no key leads out of the cache's directory, and no two share an entry", async () => {
  const { cache, directory } = await cacheRig();
  const keys = [
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "a/b",
    "a\\b",
    "a\0b",
    "A",
    "a",
    "x".repeat(1_024),
  ];
  for (const key of keys) await readThrough(cache, { bucket: "b", key }, `of ${key}`);
  await readThrough(cache, { bucket: "b", key: "a", versionId: "2" }, "version 2");
  await readThrough(cache, { bucket: "b", key: "a", range: { start: 1 } }, "range");
  const names = await readdir(directory);
  expect(names).toHaveLength(keys.length + 2);
  expect(names.filter((name) => !/^[0-9a-f]{64}$/.test(name))).toEqual([]);
  expect(await readdir(join(directory, ".."))).toEqual(["cache"]);
  for (const key of keys) {
    expect(await (await cached(cache, { bucket: "b", key })).body.text()).toBe(`of ${key}`);
  }
});

test("a read that breaks off or is given up leaves no entry, and no part of one", async () => {
  const { cache, directory, errors } = await cacheRig();
  const reset = failure("ECONNRESET");
  const broken = withFallback({ cache, sources: [source("primary", () => object("ca", reset))] });
  await expect((await broken.getObject(input)).body.text()).rejects.toBe(reset);
  const whole = withFallback({ cache, sources: [source("primary", () => object("ca", "t"))] });
  const iterator = (await whole.getObject(input)).body[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.return?.();
  (await whole.getObject(input)).body.node().destroy();
  await (await whole.getObject(input)).body.web().cancel();
  await (await whole.getObject(input)).body.dispose();
  await expect(cached(cache)).rejects.toBeInstanceOf(FallbackError);
  expect(await readdir(directory)).toEqual([]);
  expect(errors).toEqual([]);
});

test("an entry that was cut short, or whose bytes changed, is not told as the object", async () => {
  const { cache, directory } = await cacheRig();
  const cat = randomBytes(200_000);
  await readThrough(cache, input, cat);
  const [name = ""] = await readdir(directory);
  const path = join(directory, name);
  const whole = await readFile(path);
  const rotten = Buffer.from(whole);
  rotten.writeUInt8(rotten.readUInt8(100_000) ^ 1, 100_000);
  await writeFile(path, rotten);
  await expect((await cached(cache)).body.bytes()).rejects.toMatchObject({
    name: "S3IntegrityError",
    errorCode: "ChecksumMismatch",
  });
  for (const size of [0, 3, 4, 100, 200_000, whole.length - 1]) {
    await writeFile(path, whole);
    await truncate(path, size);
    await expect(cached(new DiskCache({ directory }))).rejects.toBeInstanceOf(FallbackError);
  }
});

test("a cache never holds more bytes than it may, and the oldest entries make room", async () => {
  const { cache, directory } = await cacheRig({ bytesMax: 1_000_000 });
  const sizeOnDisk = async (): Promise<number> => {
    const sizes = (await readdir(directory)).map(
      async (name) => (await stat(join(directory, name))).size,
    );
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  };
  let most = 0;
  for (let index = 0; index < 30; index += 1) {
    const pieces = Array.from({ length: 4 }, () => randomBytes(25_000));
    const reader = withFallback({ cache, sources: [source("primary", () => object(...pieces))] });
    const { body } = await reader.getObject({ bucket: "b", key: `k${index}` });
    for await (const piece of body) {
      expect(piece).toHaveLength(25_000);
      most = Math.max(most, await sizeOnDisk());
    }
  }
  expect(most).toBeLessThanOrEqual(1_000_000);
  expect(most).toBeGreaterThan(800_000);
  await expect(cached(cache, { bucket: "b", key: "k0" })).rejects.toBeInstanceOf(FallbackError);
  expect(await cachedSummary(cache, { bucket: "b", key: "k29" })).toMatchObject({
    source: "cache",
  });
});

test("a cache never holds more entries than it may, those it found included", async () => {
  const { cache, directory } = await cacheRig({ entriesMax: 5 });
  for (let index = 0; index < 12; index += 1) {
    await readThrough(cache, { bucket: "b", key: `k${index}` }, "x");
  }
  expect(await readdir(directory)).toHaveLength(5);
  const smaller = new DiskCache({ directory, entriesMax: 2 });
  await smaller.find("anything");
  expect(await readdir(directory)).toHaveLength(2);
});

test("an object that is too large is read all the same, and not kept", async () => {
  const { cache, directory } = await cacheRig({ entryBytesMax: 1_000 });
  const large = randomBytes(1_001);
  const reader = withFallback({
    cache,
    sources: [source("primary", () => object(large.subarray(0, 600), large.subarray(600)))],
  });
  expect(Buffer.compare(await (await reader.getObject(input)).body.bytes(), large)).toBe(0);
  const told = { ...object(large), contentLength: large.length };
  const known = withFallback({ cache, sources: [source("primary", () => told)] });
  expect((await known.getObject(input)).body).toBe(told.body);
  expect(await readdir(directory)).toEqual([]);
});

test("a cache that cannot be written to is reported and fails no read", async () => {
  const { errors, directory } = await cacheRig();
  await writeFile(`${directory}-file`, "");
  const cache = new DiskCache({
    directory: `${directory}-file`,
    onError: (error) => errors.push(error),
  });
  const reader = withFallback({ cache, sources: [source("primary", () => object("cat"))] });
  expect(await (await reader.getObject(input)).body.text()).toBe("cat");
  await expect(cached(cache)).rejects.toBeInstanceOf(FallbackError);
  expect(errors).toMatchObject([{ code: "EEXIST" }, { code: "EEXIST" }]);
});

test("only what is the cache's own is removed from its directory", async () => {
  const { cache, directory } = await cacheRig({ entriesMax: 1 });
  await readThrough(cache, input, "cat");
  const name = createHash("sha256").update("").digest("hex");
  const old = new Date(Date.now() - 7_200_000);
  for (const file of ["README", `${name}.1.part`, `${name}.2.part`]) {
    await writeFile(join(directory, file), "");
  }
  await utimes(join(directory, `${name}.1.part`), old, old);
  await new DiskCache({ directory, entriesMax: 1 }).find("anything");
  expect((await readdir(directory)).filter((file) => file.length !== 64).toSorted()).toEqual(
    [`${name}.2.part`, "README"].toSorted(),
  );
});

test("entries are for their owner alone", async () => {
  const { cache, directory } = await cacheRig();
  await readThrough(cache, input, "cat");
  const [name = ""] = await readdir(directory);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
});

test("many reads at once keep the cache within its bounds and every body whole", async () => {
  const { cache, directory, errors } = await cacheRig({ bytesMax: 500_000, entriesMax: 8 });
  const bodies = Array.from({ length: 40 }, () => randomBytes(60_000));
  await Promise.all(
    bodies.map(async (bytes, index) => {
      const of = { bucket: "b", key: `k${index % 10}` };
      const sources = [
        source("primary", () => object(bytes.subarray(0, 30_000), bytes.subarray(30_000))),
      ];
      const read = await (await withFallback({ cache, sources }).getObject(of)).body.bytes();
      expect(Buffer.compare(read, bytes)).toBe(0);
    }),
  );
  const names = await readdir(directory);
  expect(names.length).toBeLessThanOrEqual(8);
  expect(names.filter((name) => name.endsWith(".part"))).toEqual([]);
  expect(errors).toEqual([]);
});

test("any operation can fall back, and by any rule", async () => {
  const sources = [
    { name: "a", source: 1 },
    { name: "b", source: 2 },
  ];
  const options = { sources, fallsBack: (error: unknown) => error === "next" };
  const found = await firstSource(options, (each) =>
    each === 1 ? Promise.reject("next") : Promise.resolve(String(each)),
  );
  expect(found).toEqual({ value: "2", source: "b", failures: [{ source: "a", error: "next" }] });
});
