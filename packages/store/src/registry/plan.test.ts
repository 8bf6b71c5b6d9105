import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../config/config-error.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { planOf, type Plan } from "./plan.ts";

const types = { own: () => new MemoryDriver() };

function outcomeOf(config: unknown): Plan | ConfigError {
  try {
    return planOf(
      config,
      { env: { SET: "set", FLAT: "flat", THREE: "3" }, types },
      { folder: "/folder" },
    );
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

/** Whether a problem's path leads to something, or to what its parent lacks. */
function exists(config: unknown, keys: readonly string[]): boolean {
  const [key, ...rest] = keys;
  if (key === undefined) return true;
  if (typeof config !== "object" || config === null) return false;
  if (!Object.hasOwn(config, key)) return rest.length === 0;
  return exists(Reflect.get(config, key), rest);
}

const oddKey = fc.constantFrom(
  "__proto__",
  "constructor",
  "toString",
  "",
  "a.b",
  "type",
  "hasOwnProperty",
);
const oddValue = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    maxDepth: 2,
  }),
  fc.constantFrom(
    "${SET}",
    "${UNSET}",
    "${",
    "$$",
    "..",
    Symbol("s"),
    () => 1,
    new Proxy({}, { ownKeys: fails }),
  ),
);
const name = fc.oneof(fc.constantFrom("main", "other", "reports"), oddKey);

function fails(): never {
  throw new Error("nobody may look");
}

/** Mostly what should stand there, else anything. */
const either = <T>(good: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 12, arbitrary: good }, { weight: 1, arbitrary: oddValue });

/** Maps of some keys, with their prototype named like a key as often as not. */
const mapOf = (keys: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> =>
  either(
    fc
      .tuple(fc.record(keys, { requiredKeys: [] }), fc.dictionary(oddKey, oddValue, { maxKeys: 1 }))
      .map(([known, odd]) => ({ ...known, ...(Object.keys(known).length % 3 === 0 ? odd : {}) })),
  );

const text = either(fc.constantFrom("text", "${SET}"));
const backend = fc.oneof(
  mapOf({ type: fc.constant("memory"), namespace: either(fc.constantFrom("tree", "${FLAT}")) }),
  mapOf({ type: fc.constant("local"), root: text }),
  mapOf({ type: fc.constant("own"), anything: oddValue }),
  mapOf({
    type: fc.constant("s3"),
    bucket: text,
    region: text,
    endpoint: either(fc.constant("http://127.0.0.1:9000")),
    attemptsMax: either(fc.constantFrom(1, "${THREE}")),
    credentials: mapOf({ accessKeyId: text, secretAccessKey: text, profile: text }),
    timeouts: mapOf({ connectMs: either(fc.nat()), idleMs: either(fc.nat()) }),
  }),
);
const config = mapOf({
  backends: either(fc.dictionary(name, backend, { maxKeys: 3 })),
  stores: either(
    fc.dictionary(name, mapOf({ backend: name, root: either(fc.constant("a/b")) }), { maxKeys: 3 }),
  ),
});

test("any config is a plan or a list of mistakes, each with a path that leads somewhere", () => {
  const counts = { plans: 0, mistakes: 0 };
  const prototype = Object.getOwnPropertyNames(Object.prototype);
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: config }, oddValue), (given) => {
      const outcome = outcomeOf(given);
      if (outcome instanceof ConfigError) {
        counts.mistakes += 1;
        expect(outcome.problems.length).toBeGreaterThan(0);
        for (const { keys, path, message } of outcome.problems) {
          expect([path, exists(given, keys)]).toEqual([path, true]);
          expect(message).not.toBe("");
        }
        return;
      }
      counts.plans += 1;
      for (const { backend: one } of outcome.stores.values()) {
        expect(outcome.backends.get(one.name)).toBe(one);
      }
      expect(Object.keys(Object(Reflect.get(Object(given), "stores")))).toHaveLength(
        outcome.stores.size,
      );
    }),
    { numRuns: 5000 },
  );
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(prototype);
  expect(Reflect.get({}, "type")).toBeUndefined();
  expect(counts.plans).toBeGreaterThan(100);
  expect(counts.mistakes).toBeGreaterThan(1000);
});

test("all that is wrong is told at once, each with its path and what may have been meant", () => {
  const outcome = outcomeOf({
    backends: {
      main: { type: "s4", bucket: 3 },
      "a.b": { type: "s3", buket: "b", region: "${UNSET}", timeouts: { idleMs: -1 }, ca: ["x"] },
      c: { type: "s3", bucket: "", credentials: { profile: "p", sessionToken: "t" } },
      d: {
        type: "s3",
        bucket: "b",
        endpoint: "http://user:pw@h",
        attemptsMax: 1.5,
        checksums: "Auto",
      },
      e: { bucket: "b" },
      f: null,
      g: { type: "local", root: new Date() },
    },
    stores: { s: { backend: "mian" }, t: { backend: "c", root: "a/../b" }, u: {}, v: [] },
    store: {},
  });
  expect(outcome).toMatchObject({ code: "InvalidConfig" });
  const lines =
    outcome instanceof ConfigError
      ? outcome.problems.map(({ path, message }) => `${path}: ${message}`)
      : [];
  expect(lines.toSorted()).toMatchInlineSnapshot(`
    [
      "backends.c.bucket: must be text, not empty",
      "backends.d.attemptsMax: must be a whole number, at least 1, not a number like this",
      "backends.d.checksums: must be one of auto, always, never, not text like this",
      "backends.d.endpoint: must be a URL that begins with http:// or https://, without user, password, query and fragment, not text like this",
      "backends.e.type: is missing",
      "backends.f: must be a map of keys, not nothing",
      "backends.g.root: must be a path, not an instance of something",
      "backends.main.type: there is no such type; did you mean s3; known are own, azure, http, local, memory, s3, sftp",
      "backends["a.b"].bucket: is missing",
      "backends["a.b"].buket: there is no such key; did you mean bucket; known are bucket, region, endpoint, provider, addressing, checksums, credentials, lacks, attemptsMax, connectionsMax, circuitBreaker, ca, timeouts",
      "backends["a.b"].ca: must be text, not a list",
      "backends["a.b"].region: needs the environment variable UNSET, which is not set",
      "backends["a.b"].timeouts.idleMs: must be a whole number of milliseconds (0 for none), at least 0, not a number like this",
      "store: there is no such key; did you mean stores; known are backends, stores",
      "stores.s.backend: there is no such backend; did you mean main; known are main, a.b, c, d, e, f, g",
      "stores.t.root: must be a path without .. in it, not text like this",
      "stores.u.backend: is missing",
      "stores.v: must be a map of keys, not a list",
    ]
  `);
  expect(outcome).toMatchObject({ message: expect.stringMatching(/^18 mistakes\n/) });
});

test("an object that refers to itself, and one of a million branches, are refused", () => {
  const loop: Record<string, unknown> = { type: "own" };
  loop["again"] = loop;
  let bush: unknown = "leaf";
  for (let level = 0; level < 12; level += 1) bush = Array.from({ length: 10 }, () => bush);
  for (const odd of [
    loop,
    { type: "own", bush },
    { type: "own", long: Object.assign([], { length: 2 ** 32 - 1 }) },
  ]) {
    const outcome = outcomeOf({ backends: { b: odd }, stores: {} });
    expect(outcome).toMatchObject({
      code: "InvalidConfig",
      message: expect.stringContaining("is nested too deeply, or has too much in it"),
    });
  }
});

test("what changes after it was read, or answers differently the next time, changes nothing", () => {
  let reads = 0;
  const given = {
    backends: {
      m: {
        get type() {
          reads += 1;
          return reads === 1 ? "memory" : "none";
        },
      },
    },
    stores: { s: { backend: "m", root: "a" } },
  };
  const outcome = outcomeOf(given);
  given.stores.s.root = "..";
  expect(outcome).toMatchObject({
    stores: new Map([["s", expect.objectContaining({ root: "a" })]]),
  });
  expect(reads).toBe(1);
});

test("only the first of a great many mistakes are in the message; all are in the list", () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, 1]));
  const outcome = outcomeOf({ backends: many, stores: {} });
  const message = outcome instanceof ConfigError ? outcome.message : "";
  expect(outcome).toMatchObject({ problems: { length: 1000 } });
  expect(message.split("\n")).toHaveLength(22);
  expect(message).toContain("and 980 more");
});

test("keys that have to be given together, or not together, are told of where they stand", () => {
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const sftp = { type: "sftp", host: "h", username: "u" };
  const azure = { type: "azure", container: "c", accountUrl: "https://a.example" };
  const outcome = outcomeOf({
    backends: {
      half: { type: "s3", bucket: "b", credentials: { secretAccessKey: "b" } },
      two: { type: "s3", bucket: "b", credentials: { ...credentials, anonymous: true } },
      keys: { type: "s3", bucket: "b", credentials: { ...credentials, anonymous: "false" } },
      stranger: sftp,
      known: { ...sftp, hostKey: "SHA256:x" },
      keyless: azure,
      twice: { ...azure, accountKey: "a", sasToken: "b" },
      nowhere: { type: "azure", container: "c" },
    },
    stores: {},
  });
  const problems = outcome instanceof ConfigError ? outcome.problems : [];
  expect(problems.map(({ path }) => path)).toEqual([
    "backends.half.credentials.accessKeyId",
    "backends.two.credentials",
    "backends.stranger.hostKey",
    "backends.twice",
    "backends.nowhere",
  ]);
});
