import { format, inspect } from "node:util";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../config/config-error.ts";
import { Secret } from "../config/secret.ts";
import { Registry } from "./registry.ts";

/** All that a value shows to whoever prints it, its causes and its hidden parts among it. */
function shownBy(value: unknown): string {
  const deep = { depth: 20, showHidden: true, getters: true, maxStringLength: null };
  const shown = [
    inspect(value, deep),
    inspect(value, { ...deep, customInspect: false }),
    inspect({ in: [value], map: new Map([[value, value]]) }, deep),
    format("%s %o %O %j", value, value, value, value),
    JSON.stringify({ value }),
    String(value),
  ];
  if (!(value instanceof Error)) return shown.join("\n");
  const { stack, message, cause } = value;
  return [...shown, stack, message, cause === undefined ? "" : shownBy(cause)].join("\n");
}

const secretText = fc.stringMatching(/^[A-Za-z0-9/+=_-]{12,40}$/);
/** In what a secret may come along. */
const wrapped = fc.constantFrom<(secret: string) => unknown>(
  (secret) => secret,
  (secret) => new Secret(secret),
  () => "${FROM_ENV}",
  (secret) => `\${UNSET:-${secret}}`,
  (secret) => `${secret}\n`,
);

function outcomeOf(config: unknown, secret: string): unknown {
  const options = { env: { FROM_ENV: secret } };
  try {
    return Registry.from(Object(config), options);
  } catch (error) {
    return error;
  }
}

const sftp = { type: "sftp", host: "127.0.0.1", port: 9, username: "u", hostKey: "SHA256:x" };
const names = ["s3", "sftp", "http", "key", "sas", "string"];
const azure = { type: "azure", container: "c", attemptsMax: 1 };

/** A store, or why there is none. */
function storeOf(registry: Registry, name: string): unknown {
  try {
    return registry.store(name);
  } catch (error) {
    return error;
  }
}

test("a secret shows in nothing that a registry, its stores and their errors print", async () => {
  let calls = 0;
  await fc.assert(
    fc.asyncProperty(secretText, wrapped, wrapped, async (secret, one, other) => {
      const credentials = {
        accessKeyId: "AKIDEXAMPLE",
        secretAccessKey: one(secret),
        sessionToken: other(secret),
      };
      const unreachable = { endpoint: "http://127.0.0.1:9", attemptsMax: 1 };
      const made = outcomeOf(
        {
          backends: {
            s3: { type: "s3", bucket: "b", ...unreachable, credentials },
            sftp: {
              ...sftp,
              password: one(secret),
              privateKey: other(secret),
              passphrase: one(secret),
            },
            http: {
              type: "http",
              baseUrl: "http://127.0.0.1:9/",
              attemptsMax: 1,
              headers: { authorization: one(secret), "x-key": other(secret) },
            },
            key: { ...azure, accountUrl: "http://127.0.0.1:9/a", accountKey: one(secret) },
            sas: { ...azure, accountUrl: "http://127.0.0.1:9/a", sasToken: one(secret) },
            string: { ...azure, connectionString: other(secret) },
          },
          stores: Object.fromEntries(names.map((name) => [name, { backend: name }])),
        },
        secret,
      );
      const shown = [shownBy(made)];
      if (made instanceof Registry) {
        const outcomes = await Promise.allSettled(
          names.flatMap((name) => [
            Promise.resolve().then(() => made.store(name).readText("a")),
            Promise.resolve().then(() => made.store(name).writeText("a", "b")),
          ]),
        );
        shown.push(shownBy(names.map((name) => storeOf(made, name))));
        for (const end of outcomes) {
          calls += 1;
          expect(end.status).toBe("rejected");
          shown.push(shownBy(end.status === "rejected" ? end.reason : undefined));
        }
        await made.close();
      }
      expect(shown.join("\n")).not.toContain(secret);
    }),
    { numRuns: 60 },
  );
  expect(calls).toBeGreaterThan(60);
});

/** Configs with a secret where it makes a mistake of one sort each. */
const mistakes: Readonly<Record<string, (secret: unknown) => unknown>> = {
  "as a type": (secret) => ({ backends: { b: { type: secret } }, stores: {} }),
  "as a backend's name": (secret) => ({ backends: {}, stores: { s: { backend: secret } } }),
  "as a number": (secret) => ({
    backends: { b: { type: "s3", bucket: "b", attemptsMax: secret } },
    stores: {},
  }),
  "as a word of several": (secret) => ({
    backends: { b: { type: "s3", bucket: "b", provider: secret } },
    stores: {},
  }),
  "below an unknown key": (secret) => ({
    backends: { b: { type: "s3", bucket: "b", secret } },
    stores: {},
  }),
  "in place of a map": (secret) => ({ backends: { b: secret }, stores: secret }),
  "in a URL": (secret) => ({
    backends: {
      b: {
        type: "s3",
        bucket: "b",
        endpoint: `http://user:${encodeURIComponent(String(secret))}@host/`,
      },
    },
    stores: {},
  }),
  "in a path": (secret) => ({
    backends: { m: { type: "memory" } },
    stores: { s: { backend: "m", root: `../${String(secret)}` } },
  }),
  "beside a broken reference": (secret) => ({
    backends: { b: { type: "s3", bucket: "b", region: `${String(secret)} \${` } },
    stores: {},
  }),
  "in what cannot be read": (secret) => ({
    get backends() {
      throw new Error(String(secret));
    },
    stores: {},
  }),
};

test.each(Object.entries(mistakes))("a mistake %s does not tell what it was", (_, config) => {
  fc.assert(
    fc.property(secretText, wrapped, (secret, wrap) => {
      const value = wrap(secret);
      const error = outcomeOf(config(value), secret);
      expect(error).toBeInstanceOf(ConfigError);
      expect(shownBy(error)).not.toContain(secret);
    }),
  );
});

test("a secret that cannot be used by its backend is not told by the failure to make it", async () => {
  const secret = "region that is secret";
  const made = outcomeOf(
    {
      backends: { b: { type: "s3", bucket: "b", region: "${FROM_ENV}" } },
      stores: { s: { backend: "b" } },
    },
    secret,
  );
  if (!(made instanceof Registry)) throw new Error("it should have been made");
  const error = storeOf(made, "s");
  expect(error).toMatchObject({
    code: "UnusableBackend",
    cause: { errorCode: "InvalidConfiguration" },
  });
  expect(shownBy(error)).not.toContain(secret);
});

test("a secret gives its text to whoever asks for it by name, and to nobody else", () => {
  const secret = new Secret("hunter2");
  expect(secret.reveal()).toBe("hunter2");
  expect(shownBy(secret)).not.toContain("hunter2");
  expect([...Object.keys(secret), ...Object.getOwnPropertyNames(secret)]).toEqual([]);
  expect(structuredClone(secret)).toEqual({});
});
