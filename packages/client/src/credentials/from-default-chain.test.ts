import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Environment } from "./environment.ts";
import { failureOf } from "./failure-of.test.support.ts";
import { fromDefaultChain } from "./from-default-chain.ts";
import {
  scriptedService,
  type Reply,
  type ScriptedService,
} from "./scripted-service.test.support.ts";
import { temporaryFiles, type TemporaryFiles } from "./temporary-files.test.support.ts";

let files: TemporaryFiles;
let service: ScriptedService;
let broken: (path: string) => Reply | undefined;

/** One service that is a container's, an instance's and STS at once. */
beforeEach(async () => {
  files = temporaryFiles();
  broken = () => undefined;
  const sts =
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>" +
    "<AccessKeyId>identity</AccessKeyId><SecretAccessKey>s3cr3t</SecretAccessKey>" +
    "<SessionToken>t0k3n</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>" +
    "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
  const json = (id: string): Reply => ({
    body: `{"AccessKeyId":"${id}","SecretAccessKey":"s3cr3t","Token":"t0k3n"}`,
  });
  const roles = "/latest/meta-data/iam/security-credentials/";
  const answers: Readonly<Record<string, Reply>> = {
    "/": { body: sts },
    "/container": json("container"),
    "/latest/api/token": { body: "t" },
    [roles]: { body: "role" },
    [`${roles}role`]: json("instance"),
  };
  service = await scriptedService(({ path }) => broken(path) ?? answers[path] ?? { status: 404 });
});
afterEach(async () => {
  files.remove();
  await service.close();
});

/** Each source as the environment turns it on, in the order in which they are asked. */
const sources: readonly (readonly [id: string, turnOn: () => Environment])[] = [
  ["environment", () => ({ AWS_ACCESS_KEY_ID: "environment", AWS_SECRET_ACCESS_KEY: "s3cr3t" })],
  [
    "files",
    () => {
      const text = "[default]\naws_access_key_id=files\naws_secret_access_key=s3cr3t";
      return { AWS_SHARED_CREDENTIALS_FILE: files.write("credentials", text) };
    },
  ],
  [
    "identity",
    () => ({
      AWS_WEB_IDENTITY_TOKEN_FILE: files.write("token", "t0k3n"),
      AWS_ROLE_ARN: "r",
      AWS_ENDPOINT_URL_STS: service.url,
    }),
  ],
  ["container", () => ({ AWS_CONTAINER_CREDENTIALS_FULL_URI: `${service.url}/container` })],
  ["instance", () => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: service.url })],
];

const off = (): Environment => ({ HOME: files.directory, AWS_EC2_METADATA_DISABLED: "true" });

test.each(sources.map(([id], index) => [id, index] as const))(
  "%s goes before those that follow",
  async (id, index) => {
    const turned = sources.slice(index).map(([, turnOn]) => turnOn());
    const environment = Object.assign({ HOME: files.directory }, ...turned);
    const found = await fromDefaultChain({ environment })();
    expect([found.accessKeyId, found.secretAccessKey]).toEqual([id, "s3cr3t"]);
  },
);

test("a profile that is asked for leaves the environment's keys out; AWS_PROFILE does not", async () => {
  const text = "[x]\naws_access_key_id=files\naws_secret_access_key=s3cr3t";
  const environment = {
    ...off(),
    ...sources[0]?.[1](),
    AWS_SHARED_CREDENTIALS_FILE: files.write("credentials", text),
    AWS_PROFILE: "x",
  };
  expect((await fromDefaultChain({ environment })()).accessKeyId).toBe("environment");
  expect((await fromDefaultChain({ environment, profile: "x" })()).accessKeyId).toBe("files");
});

test("when nothing is set up, the cause has what each source said", async () => {
  const { fields } = await failureOf(fromDefaultChain({ environment: off() })());
  expect(fields.code).toBe("CredentialsUnavailable");
  const { cause } = fields;
  if (!(cause instanceof AggregateError)) throw new Error("no AggregateError");
  expect(cause.errors.map(({ message }) => message)).toEqual([
    expect.stringContaining("AWS_ACCESS_KEY_ID"),
    expect.stringContaining(`${files.directory}/.aws/credentials`),
    expect.stringContaining("AWS_WEB_IDENTITY_TOKEN_FILE"),
    expect.stringContaining("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    expect.stringContaining("AWS_EC2_METADATA_DISABLED"),
  ]);
});

describe("a source that is set up and fails ends the search, because the next would sign as somebody else", () => {
  test.each<readonly [string, number, Environment]>([
    ["half a pair of keys", 1, { AWS_ACCESS_KEY_ID: "A" }],
    ["a profile that is not there", 2, { AWS_PROFILE: "x" }],
    ["a token without a role", 3, { AWS_WEB_IDENTITY_TOKEN_FILE: "/n" }],
    [
      "a container's service elsewhere",
      4,
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://x.example/" },
    ],
  ])("%s", async (_, index, variables) => {
    const rest = sources.slice(index).map(([, turnOn]) => turnOn());
    const environment = Object.assign({ HOME: files.directory }, ...rest, variables);
    const failure = await failureOf(fromDefaultChain({ environment })());
    expect(failure.fields.code).toBe("InvalidConfiguration");
    expect(service.seen).toHaveLength(0);
  });

  test("a service that fails", async () => {
    const environment = Object.assign({}, ...sources.slice(3).map(([, turnOn]) => turnOn()));
    environment.HOME = files.directory;
    broken = (path) => (path === "/container" ? { status: 500 } : undefined);
    const { fields } = await failureOf(fromDefaultChain({ environment })());
    expect(fields.code).toBe("CredentialsUnavailable");
    expect(service.seen.map(({ path }) => path)).toEqual([
      "/container",
      "/container",
      "/container",
    ]);
  });
});
