import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { containerUrl } from "./container-url.ts";
import type { Environment } from "./environment.ts";
import { failureOf } from "./failure-of.test.support.ts";
import { fromContainer } from "./from-container.ts";
import {
  scriptedService,
  type Reply,
  type ScriptedService,
} from "./scripted-service.test.support.ts";
import { temporaryFiles, type TemporaryFiles } from "./temporary-files.test.support.ts";

let service: ScriptedService | undefined;
let files: TemporaryFiles;
beforeEach(() => {
  files = temporaryFiles();
});
afterEach(async () => {
  files.remove();
  await service?.close();
});

const fields = {
  AccessKeyId: "A",
  SecretAccessKey: "s3cr3t",
  Token: "t0k3n",
  Expiration: "2030-01-01T00:00:00Z",
};
const good: Reply = { body: JSON.stringify(fields) };

async function containerOf(
  script: (count: number) => Reply,
  more: Environment = {},
): Promise<{ readonly service: ScriptedService; readonly environment: Environment }> {
  service = await scriptedService((_, count) => script(count));
  const uri = `${service.url}/v1/credentials?id=7`;
  return { service, environment: { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, ...more } };
}

describe("the container's service", () => {
  test("gives credentials that last until it says", async () => {
    const { service: asked, environment } = await containerOf(() => good, {
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "Basic t0k3n",
    });
    const found = await fromContainer({ environment })();
    expect([found.accessKeyId, found.secretAccessKey, found.sessionToken]).toEqual([
      "A",
      "s3cr3t",
      "t0k3n",
    ]);
    expect(found.expiration).toEqual(new Date(Date.UTC(2030, 0)));
    expect(asked.seen).toMatchObject([
      { method: "GET", path: "/v1/credentials?id=7", headers: { authorization: "Basic t0k3n" } },
    ]);
  });

  test("is shown the token of the file, as it is when it is asked", async () => {
    const { service: asked, environment } = await containerOf(() => good, {
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "unused",
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: files.write("token", "one\n"),
    });
    const provider = fromContainer({ environment });
    await provider();
    files.write("token", "two");
    await provider();
    expect(asked.seen.map(({ headers }) => headers["authorization"])).toEqual(["one", "two"]);
  });

  test.each<readonly [string, Reply]>([
    ["an internal error", { status: 500, body: "s3cr3t" }],
    ["too many requests", { status: 429 }],
    ["a reset connection", "reset"],
  ])("is asked three times at most when it answers with %s", async (_, reply) => {
    const { service: asked, environment } = await containerOf((count) =>
      count % 3 === 0 ? good : reply,
    );
    expect((await fromContainer({ environment })()).accessKeyId).toBe("A");
    expect(asked.seen).toHaveLength(3);
    await asked.close();
    const worse = await containerOf(() => reply);
    const failure = await failureOf(fromContainer({ environment: worse.environment })());
    expect(failure.fields).toEqual({
      code: "CredentialsUnavailable",
      message: expect.any(String),
      cause: expect.any(Error),
    });
    expect(worse.service.seen).toHaveLength(3);
  });

  test.each<readonly [string, Reply]>([
    ["a refusal", { status: 403, body: '{"message":"s3cr3t"}' }],
    ["a redirect, which is not followed", { status: 302, location: "/elsewhere" }],
    ["no JSON", { body: "{ s3cr3t" }],
    ["no object", { body: '["s3cr3t"]' }],
    ["no secret", { body: '{"AccessKeyId":"t0k3n"}' }],
    ["something else than text", { body: '{"AccessKeyId":"t0k3n","SecretAccessKey":{}}' }],
    ["an expiration that is none", { body: JSON.stringify({ ...fields, Expiration: "s3cr3t" }) }],
    ["a key that cannot be sent", { body: JSON.stringify({ ...fields, AccessKeyId: "a\nb" }) }],
    ["more than 64 KiB", "huge"],
  ])("is not believed, and asked once, when it answers with %s", async (_, reply) => {
    const { service: asked, environment } = await containerOf(() => reply);
    const failure = await failureOf(fromContainer({ environment })());
    expect(failure.fields.code).toBe("CredentialsUnavailable");
    expect(asked.seen).toHaveLength(1);
  });

  test.each<Reply>(["hang", "head", "no HTTP", "switch"])(
    "is given up when it does this: %s",
    async (reply) => {
      const { service: asked, environment } = await containerOf(() => reply);
      const failure = await failureOf(fromContainer({ environment })());
      expect(failure.fields.code).toBe("CredentialsUnavailable");
      expect(asked.seen).toHaveLength(3);
    },
  );

  test("is nowhere when no variable says so", async () => {
    const failure = await failureOf(fromContainer({ environment: {} })());
    expect(failure.fields.code).toBe("CredentialsUnavailable");
  });

  test.each([
    ["no file", undefined],
    ["an empty one", "\n"],
    ["one with a line end within", "t0k3n\r\nx: y"],
    ["one of two megabytes", "t0k3n".repeat(400_000)],
  ])("is not asked when its token's file is %s", async (_, text) => {
    const path = text === undefined ? `${files.directory}/none` : files.write("token", text);
    const { service: asked, environment } = await containerOf(() => good, {
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: path,
    });
    await failureOf(fromContainer({ environment })());
    expect(asked.seen).toHaveLength(0);
  });
});

describe("where it may be", () => {
  const full = (uri: string): string | undefined =>
    containerUrl({ AWS_CONTAINER_CREDENTIALS_FULL_URI: uri })?.href;

  test.each([
    "https://credentials.example/x",
    "http://127.0.0.1/x",
    "http://127.9.8.7:81/x",
    "http://localhost/x",
    "http://[::1]/x",
    "http://169.254.170.2/x",
    "http://169.254.170.23/x",
    "http://[fd00:ec2::23]/x",
  ])("%s is asked", (uri) => {
    expect(full(uri)).toBe(uri);
  });

  test.each([
    "http://credentials.example/s3cr3t",
    "http://127.0.0.1.example/s3cr3t",
    "http://169.254.169.254/s3cr3t",
    "http://localhost.example/s3cr3t",
    "http://user:s3cr3t@127.0.0.1/",
    "https://s3cr3t@credentials.example/",
    "file:///s3cr3t",
    "s3cr3t",
    "/s3cr3t",
  ])("%s is not", async (uri) => {
    const environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri };
    const failure = await failureOf(fromContainer({ environment })());
    expect(failure.fields.code).toBe("InvalidConfiguration");
  });

  test("a relative URI stays on the host of ECS and goes before a full one", async () => {
    const uri = (relative: string): Environment => ({
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://127.0.0.1/",
    });
    expect(containerUrl(uri("/v2/a?b"))?.href).toBe("http://169.254.170.2/v2/a?b");
    expect(containerUrl(uri("//evil.example/"))?.hostname).toBe("169.254.170.2");
    for (const relative of ["@evil.example/", ".evil.example/", ":81/", "x"]) {
      const failure = await failureOf(fromContainer({ environment: uri(relative) })());
      expect(failure.fields.code).toBe("InvalidConfiguration");
    }
  });
});
