import { afterEach, describe, expect, test } from "vitest";
import type { Environment } from "./environment.ts";
import { failureOf } from "./failure-of.test.support.ts";
import { fromInstanceMetadata } from "./from-instance-metadata.ts";
import { instanceMetadataSource } from "./from-instance-metadata.ts";
import {
  scriptedService,
  type Reply,
  type ScriptedService,
} from "./scripted-service.test.support.ts";

let service: ScriptedService | undefined;
afterEach(() => service?.close());

const rolesPath = "/latest/meta-data/iam/security-credentials/";
const fields = {
  Code: "Success",
  AccessKeyId: "A",
  SecretAccessKey: "s3cr3t",
  Token: "t0k3n",
  Expiration: "2030-01-01T00:00:00Z",
};

/** A service that answers as an instance's does, but for these paths and how often each was asked. */
async function instanceOf(
  but: Readonly<Record<string, (count: number) => Reply | undefined>> = {},
): Promise<{ readonly service: ScriptedService; readonly environment: Environment }> {
  const usual: Readonly<Record<string, Reply>> = {
    "/latest/api/token": { body: "session" },
    [rolesPath]: { body: "the-role\n" },
    [`${rolesPath}the-role`]: { body: JSON.stringify(fields) },
  };
  const counts = new Map<string, number>();
  service = await scriptedService(({ method, path, headers }) => {
    const count = (counts.get(path) ?? 0) + 1;
    counts.set(path, count);
    const special = but[path]?.(count);
    if (special !== undefined) return special;
    const session = path === "/latest/api/token";
    if (method !== (session ? "PUT" : "GET")) return { status: 405 };
    if (!session && headers["x-aws-ec2-metadata-token"] !== "session") return { status: 401 };
    return usual[path] ?? { status: 404 };
  });
  return { service, environment: { AWS_EC2_METADATA_SERVICE_ENDPOINT: service.url } };
}

const lookIn = (environment: Environment): Promise<unknown> =>
  instanceMetadataSource({ environment }).find();

test("an instance's role is asked for within a session", async () => {
  const { service: asked, environment } = await instanceOf();
  const found = await fromInstanceMetadata({ environment })();
  expect([found.accessKeyId, found.secretAccessKey, found.sessionToken]).toEqual([
    "A",
    "s3cr3t",
    "t0k3n",
  ]);
  expect(found.expiration).toEqual(new Date(Date.UTC(2030, 0)));
  expect(asked.seen[0]?.headers["x-aws-ec2-metadata-token-ttl-seconds"]).toBe("21600");
});

describe("what passes is tried again, in a new session", () => {
  test.each<readonly [string, string, Reply]>([
    ["a session that could not begin", "/latest/api/token", { status: 503 }],
    ["a session that ended", rolesPath, { status: 401 }],
    ["an internal error", rolesPath, { status: 500 }],
    ["a reset", `${rolesPath}the-role`, "reset"],
    ["a hang", `${rolesPath}the-role`, "hang"],
  ])("%s", async (_, path, reply) => {
    const { environment } = await instanceOf({ [path]: (n) => (n === 1 ? reply : undefined) });
    expect((await fromInstanceMetadata({ environment })()).accessKeyId).toBe("A");
  });

  test("three times at most", async () => {
    const { service: asked, environment } = await instanceOf({
      [rolesPath]: () => ({ status: 500 }),
    });
    const failure = await failureOf(fromInstanceMetadata({ environment })());
    expect(failure.fields).toEqual({
      code: "CredentialsUnavailable",
      message: expect.any(String),
      cause: expect.any(Error),
    });
    expect(asked.seen.filter(({ path }) => path === rolesPath)).toHaveLength(3);
  });
});

describe("what makes no sense is not believed", () => {
  test.each<readonly [string, string, Reply]>([
    ["a session refused", "/latest/api/token", { status: 400 }],
    ["a session's token that cannot be sent", "/latest/api/token", { body: "a\r\nb" }],
    ["an endless token", "/latest/api/token", "huge"],
    ["a role with a path", rolesPath, { body: "../../user-data" }],
    ["a page", rolesPath, { body: "<html>s3cr3t</html>" }],
    ["a redirect", rolesPath, { status: 307, location: "http://127.0.0.1:1/" }],
    ["no JSON", `${rolesPath}the-role`, { body: "s3cr3t" }],
    ["a failure", `${rolesPath}the-role`, { body: '{"Code":"AssumeRoleUnauthorizedAccess"}' }],
    ["no token", `${rolesPath}the-role`, { body: '{"Code":"Success","AccessKeyId":"t0k3n"}' }],
    ["an endless answer", `${rolesPath}the-role`, "huge"],
  ])("%s", async (_, path, reply) => {
    const { environment } = await instanceOf({ [path]: () => reply });
    const failure = await failureOf(fromInstanceMetadata({ environment })());
    expect(failure.fields.code).toBe("CredentialsUnavailable");
  });
});

describe("what is no instance, or has no role, has no credentials", () => {
  test("turned off by the environment, nothing is asked", async () => {
    const { service: asked, environment } = await instanceOf();
    const off = { ...environment, AWS_EC2_METADATA_DISABLED: "TRUE" };
    expect(await lookIn(off)).toHaveProperty("absent");
    expect(asked.seen).toHaveLength(0);
  });

  test("turned off for the instance", async () => {
    const { environment } = await instanceOf({ "/latest/api/token": () => ({ status: 403 }) });
    expect(await lookIn(environment)).toHaveProperty("absent");
  });

  test("without a role", async () => {
    const { environment } = await instanceOf({ [rolesPath]: () => ({ status: 404 }) });
    expect(await lookIn(environment)).toHaveProperty("absent");
  });

  test("where nothing listens, or what listens does not answer, it is known within a second or so", async () => {
    const { service: gone, environment } = await instanceOf({ "/latest/api/token": () => "hang" });
    const began = performance.now();
    expect(await lookIn(environment)).toHaveProperty("absent");
    expect(performance.now() - began).toBeGreaterThan(990);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(gone.seen).toHaveLength(1);
    await gone.close();
    expect(await lookIn(environment)).toHaveProperty("absent");
  });
});

test.each<Environment>([
  { AWS_EC2_METADATA_SERVICE_ENDPOINT: "s3cr3t" },
  { AWS_EC2_METADATA_SERVICE_ENDPOINT: "ftp://127.0.0.1/" },
  { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv5" },
])("%j is refused", async (environment) => {
  const failure = await failureOf(fromInstanceMetadata({ environment })());
  expect(failure.fields.code).toBe("InvalidConfiguration");
});
