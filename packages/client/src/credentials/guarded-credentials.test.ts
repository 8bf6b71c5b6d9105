import { inspect } from "node:util";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, describe, expect, test } from "vitest";
import { S3Error } from "../errors/s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { CredentialCache } from "./credential-cache.ts";
import { failureOf } from "./failure-of.test.support.ts";
import { fromEnvironment } from "./from-environment.ts";
import { fromStatic } from "./from-static.ts";
import { guardCredentials } from "./guarded-credentials.ts";
import { scriptedService, type ScriptedService } from "./scripted-service.test.support.ts";

const given = {
  accessKeyId: "AKID",
  secretAccessKey: "s3cr3t",
  sessionToken: "t0k3n",
  expiration: new Date(Date.UTC(2030, 0)),
};

describe("secrets are read by name and show nowhere else", () => {
  const printed = (value: unknown): string =>
    [
      inspect(value, { depth: 20, showHidden: true, getters: true }),
      JSON.stringify(value),
      String(value),
      inspect(structuredClone(typeof value === "function" ? undefined : { ...Object(value) })),
    ].join();

  test("of credentials, of what holds them, and of providers", async () => {
    const provider = fromStatic(given);
    const credentials = await provider();
    const cache = new CredentialCache(provider);
    await cache.get();
    expect([credentials.secretAccessKey, credentials.sessionToken]).toEqual(["s3cr3t", "t0k3n"]);
    for (const value of [credentials, { options: { credentials } }, [credentials], provider]) {
      expect(printed(value)).not.toMatch(/s3cr3t|t0k3n/);
    }
    expect(inspect(cache, { depth: 20, showHidden: true })).not.toMatch(/s3cr3t|t0k3n/);
    expect(JSON.stringify({ cache })).not.toMatch(/s3cr3t|t0k3n/);
    expect(inspect(credentials)).toContain("AKID");
  });

  test("changing what was given changes nothing", async () => {
    const mine = { ...given, expiration: new Date(0) };
    const credentials = guardCredentials(mine);
    mine.expiration.setTime(1);
    mine.secretAccessKey = "other";
    expect([credentials.secretAccessKey, credentials.expiration?.getTime()]).toEqual(["s3cr3t", 0]);
  });
});

describe("what can sign nothing is refused, and not told", () => {
  test.each<readonly [string, unknown]>([
    ["nothing", undefined],
    ["text", "s3cr3t"],
    ["no key id", { ...given, accessKeyId: "" }],
    ["no secret", { accessKeyId: "t0k3n" }],
    ["a secret with a line end", { ...given, secretAccessKey: "s3cr3t\n" }],
    ["a secret with a space before it", { ...given, secretAccessKey: " s3cr3t" }],
    ["a key id with a space in it", { ...given, accessKeyId: "t0k3n x" }],
    ["a token with a line end", { ...given, sessionToken: "t0k3n\r\nx: y" }],
    ["a secret that is no text", { ...given, secretAccessKey: ["s3cr3t"] }],
    ["an expiration that is no date", { ...given, expiration: "2030-01-01" }],
    ["an expiration that is no time", { ...given, expiration: new Date(Number.NaN) }],
  ])("%s", async (_, value) => {
    const failure = await failureOf(
      (async () => {
        guardCredentials(value);
      })(),
    );
    expect(failure.fields.code).toBe("CredentialsUnavailable");
  });

  test("an unset token is none, whichever way it is unset", () => {
    for (const sessionToken of ["", undefined]) {
      expect(guardCredentials({ ...given, sessionToken }).sessionToken).toBeUndefined();
    }
  });

  test("given credentials throw where they are given", () => {
    const bad = { ...given, accessKeyId: "" };
    expect(() => fromStatic(bad)).toThrow(S3Error);
    expect(() => new CredentialCache(bad)).toThrow(WireFailure);
  });
});

describe("the environment", () => {
  const environment = {
    AWS_ACCESS_KEY_ID: "A",
    AWS_SECRET_ACCESS_KEY: "s3cr3t",
    AWS_SESSION_TOKEN: "t0k3n",
    AWS_CREDENTIAL_EXPIRATION: "2030-01-01T00:00:00Z",
  };

  test("gives what its variables say", async () => {
    const found = await fromEnvironment({ environment })();
    expect([found.accessKeyId, found.secretAccessKey, found.sessionToken]).toEqual([
      "A",
      "s3cr3t",
      "t0k3n",
    ]);
    expect(found.expiration).toEqual(given.expiration);
  });

  test.each([
    ["CredentialsUnavailable", {}],
    ["CredentialsUnavailable", { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" }],
    ["InvalidConfiguration", { AWS_ACCESS_KEY_ID: "A" }],
    ["InvalidConfiguration", { AWS_SECRET_ACCESS_KEY: "s3cr3t" }],
    ["InvalidConfiguration", { ...environment, AWS_CREDENTIAL_EXPIRATION: "t0k3n" }],
    ["CredentialsUnavailable", { ...environment, AWS_SECRET_ACCESS_KEY: "s3cr3t\n" }],
  ])("is %s with %j", async (code, variables) => {
    const failure = await failureOf(fromEnvironment({ environment: variables })());
    expect(failure.fields.code).toBe(code);
  });
});

describe("AWS SDK v3", () => {
  let service: ScriptedService | undefined;
  afterEach(() => service?.close());

  test("signs with our providers, and we hold what its providers find", async () => {
    service = await scriptedService(() => ({ body: "<ListAllMyBucketsResult/>" }));
    const options = { region: "us-east-1", endpoint: service.url, forcePathStyle: true };
    // Built without types: theirs have no undefined in what is optional, where that is told apart.
    const theirs: S3Client = Reflect.construct(S3Client, [
      { ...options, credentials: fromStatic(given) },
    ]);
    await theirs.send(new ListBucketsCommand({}));
    const headers = service.seen[0]?.headers;
    expect(headers?.["authorization"]).toContain("Credential=AKID/");
    expect(headers?.["x-amz-security-token"]).toBe("t0k3n");
    const held = await new CredentialCache(theirs.config.credentials).get();
    expect([held.accessKeyId, held.secretAccessKey]).toEqual(["AKID", "s3cr3t"]);
    theirs.destroy();
  });

  test("forgets what it remembers when we force it", async () => {
    let count = 0;
    const counting = async () => ({
      ...given,
      expiration: new Date(Date.now() + 3_600_000),
      accessKeyId: String((count += 1)),
    });
    const theirs = new S3Client({ region: "us-east-1", credentials: counting });
    const cache = new CredentialCache(theirs.config.credentials);
    const first = await cache.get();
    const second = await cache.replace(first);
    expect([first.accessKeyId, second.accessKeyId]).toEqual(["1", "2"]);
    theirs.destroy();
  });
});
