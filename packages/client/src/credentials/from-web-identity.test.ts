import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Credentials } from "./credentials.ts";
import type { Environment } from "./environment.ts";
import { failureOf } from "./failure-of.test.support.ts";
import { fromSharedFiles } from "./from-shared-files.ts";
import { fromWebIdentity } from "./from-web-identity.ts";
import {
  scriptedListener,
  scriptedService,
  type Reply,
  type ScriptedService,
  type SeenRequest,
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

const credentials =
  "<AccessKeyId>A</AccessKeyId><SecretAccessKey>s3cr3t</SecretAccessKey>" +
  "<SessionToken>t0k3n</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>";
const answerOf = (inner: string): string =>
  '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
  `<AssumeRoleWithWebIdentityResult><Credentials>${inner}</Credentials>` +
  "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
const good: Reply = { body: answerOf(credentials) };
const refusalOf = (code: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>s3cr3t</Message></Error>` +
  "<RequestId>r-1</RequestId></ErrorResponse>";

function environmentOf(more: Environment): Environment {
  return {
    HOME: files.directory,
    AWS_WEB_IDENTITY_TOKEN_FILE: files.write("token", "t0k3n-1\n"),
    AWS_ROLE_ARN: "arn:aws:iam::1:role/x",
    ...more,
  };
}

async function stsOf(
  script: (count: number) => Reply,
  more: Environment = {},
): Promise<{ readonly service: ScriptedService; readonly environment: Environment }> {
  service = await scriptedService((_, count) => script(count));
  return { service, environment: environmentOf({ AWS_ENDPOINT_URL_STS: service.url, ...more }) };
}

/** By a name, because the machine may not have it. */
const openssl = "openssl";

const parts = ({ accessKeyId, secretAccessKey, sessionToken }: Credentials): unknown[] => [
  accessKeyId,
  secretAccessKey,
  sessionToken,
];

describe("a token from a file", () => {
  test("is traded for a role's credentials, and read anew each time", async () => {
    const { service: asked, environment } = await stsOf(() => good, {
      AWS_ROLE_SESSION_NAME: "me",
    });
    const provider = fromWebIdentity({ environment });
    const found = await provider();
    expect(parts(found)).toEqual(["A", "s3cr3t", "t0k3n"]);
    expect(found.expiration).toEqual(new Date(Date.UTC(2030, 0)));
    files.write("token", "t0k3n+2&x=y");
    await provider();
    const forms = asked.seen.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    const form = {
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: "arn:aws:iam::1:role/x",
      RoleSessionName: "me",
    };
    expect(forms).toEqual([
      { ...form, WebIdentityToken: "t0k3n-1" },
      { ...form, WebIdentityToken: "t0k3n+2&x=y" },
    ]);
    expect(asked.seen[0]).toMatchObject({ method: "POST", path: "/" });
  });

  test("may be named by a profile", async () => {
    service = await scriptedService(() => good);
    const token = files.write("token", "t0k3n");
    const lines = [`web_identity_token_file = ${token}`, "role_arn = r", "role_session_name = s"];
    const endpoint = `endpoint_url = ${service.url}`;
    const configFile = files.write("config", ["[profile x]", ...lines, endpoint].join("\n"));
    const environment = { HOME: files.directory };
    const found = await fromSharedFiles({ profile: "x", configFile, environment })();
    expect(parts(found)).toEqual(["A", "s3cr3t", "t0k3n"]);
    const form = new URLSearchParams(service.seen[0]?.body);
    expect([form.get("RoleArn"), form.get("RoleSessionName")]).toEqual(["r", "s"]);
  });

  test.each<readonly [string, Reply]>([
    ["an internal error", { status: 500, body: refusalOf("InternalFailure") }],
    ["a page", { status: 503, body: "<html>s3cr3t" }],
    [
      "that it could not reach who issued it",
      { status: 400, body: refusalOf("IDPCommunicationError") },
    ],
    ["a reset", "reset"],
  ])("is shown three times at most when STS answers %s", async (_, reply) => {
    const { service: asked, environment } = await stsOf((count) => (count === 3 ? good : reply));
    expect((await fromWebIdentity({ environment })()).accessKeyId).toBe("A");
    await asked.close();
    const worse = await stsOf(() => reply);
    const failure = await failureOf(fromWebIdentity({ environment: worse.environment })());
    expect(failure.fields.code).toBe("CredentialsUnavailable");
    expect(worse.service.seen).toHaveLength(3);
  });

  test.each<readonly [string, Reply]>([
    ["no", { status: 403, body: refusalOf("AccessDenied") }],
    ["no, and a code that is none", { status: 400, body: refusalOf("s3cr3t t0k3n") }],
    ["a redirect", { status: 301, location: "/x" }],
    ["no XML", { body: "s3cr3t" }],
    ["another document", { body: `<X><Credentials>${credentials}</Credentials></X>` }],
    ["no token", { body: answerOf(credentials.replace(/<SessionToken>.*<\/SessionToken>/, "")) }],
    ["two keys", { body: answerOf(credentials + credentials) }],
    ["no time", { body: answerOf(credentials.replace("2030-01-01T00:00:00Z", "s3cr3t")) }],
    ["without end", "huge"],
  ])("is shown once when STS answers %s", async (_, reply) => {
    const { service: asked, environment } = await stsOf(() => reply);
    const failure = await failureOf(fromWebIdentity({ environment })());
    expect(failure.fields.code).toBe("CredentialsUnavailable");
    expect(asked.seen).toHaveLength(1);
  });

  test("is told with the code and request id of STS when it is refused", async () => {
    const { environment } = await stsOf(() => ({ status: 400, body: refusalOf("ExpiredToken") }));
    const { fields } = await failureOf(fromWebIdentity({ environment })());
    expect(fields.cause).toMatchObject({ status: 400, message: /ExpiredToken, request r-1/ });
  });

  test("goes nowhere when it is not there, or without a role, or where others could read it", async () => {
    const { service: asked, environment } = await stsOf(() => good);
    const none = { ...environment, AWS_WEB_IDENTITY_TOKEN_FILE: `${files.directory}/none` };
    const roleless = { ...environment, AWS_ROLE_ARN: "" };
    const open = { ...environment, AWS_ENDPOINT_URL_STS: "http://sts.example" };
    const codes = [none, roleless, open].map(
      async (one) => (await failureOf(fromWebIdentity({ environment: one })())).fields.code,
    );
    expect(await Promise.all(codes)).toEqual([
      "CredentialsUnavailable",
      "InvalidConfiguration",
      "InvalidConfiguration",
    ]);
    expect(asked.seen).toHaveLength(0);
  });
});

test("STS is asked over TLS, and has to be who the CA bundle says", async ({ skip }) => {
  const [key, cert] = [`${files.directory}/key.pem`, `${files.directory}/cert.pem`];
  try {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const shape = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const output = ["-keyout", key, "-out", cert, "-days", "2"];
    execFileSync(openssl, ["req", "-x509", ...shape, ...output, ...subject], { stdio: "pipe" });
  } catch {
    return skip("there is no openssl to make a certificate with");
  }
  const seen: SeenRequest[] = [];
  const options = { key: readFileSync(key), cert: readFileSync(cert) };
  const server = createServer(
    options,
    scriptedListener(() => good, seen),
  );
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  try {
    const environment = environmentOf({ AWS_ENDPOINT_URL_STS: `https://localhost:${port}` });
    const trusting = { ...environment, AWS_CA_BUNDLE: cert };
    expect((await fromWebIdentity({ environment: trusting })()).accessKeyId).toBe("A");
    const failure = await failureOf(fromWebIdentity({ environment })());
    expect(failure.fields.code).toBe("CredentialsUnavailable");
    expect(seen).toHaveLength(1);
    const bundleless = { ...environment, AWS_CA_BUNDLE: `${files.directory}/none` };
    const { fields } = await failureOf(fromWebIdentity({ environment: bundleless })());
    expect(fields.code).toBe("InvalidConfiguration");
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  }
});
