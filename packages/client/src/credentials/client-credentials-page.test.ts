import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { scriptedService, type ScriptedService } from "./scripted-service.test.support.ts";
import { temporaryFiles, type TemporaryFiles } from "./temporary-files.test.support.ts";

const root = new URL("../../../../", import.meta.url).pathname;
const page = readFileSync(`${root}docs/how-to/client-credentials.md`, "utf8");
const programs = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, code = ""]) => code);

/** What each program of the page prints, in their order. */
const printed = [
  "from-environment",
  "AKIDEXAMPLE",
  "from-environment",
  "from-files",
  "from-identity",
  "from-container",
  "from-instance",
  "from-files",
  "archive",
];

let files: TemporaryFiles;
let service: ScriptedService;
beforeEach(async () => {
  files = temporaryFiles();
  const json = (id: string): string =>
    `{"AccessKeyId":"${id}","SecretAccessKey":"s","Token":"t","Expiration":"2030-01-01T00:00:00Z"}`;
  const sts =
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>" +
    "<AccessKeyId>from-identity</AccessKeyId><SecretAccessKey>s</SecretAccessKey>" +
    "<SessionToken>t</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>" +
    "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>";
  const roles = "/latest/meta-data/iam/security-credentials/";
  const answers: Readonly<Record<string, string>> = {
    "/": sts,
    "/container": json("from-container"),
    "/latest/api/token": "t",
    [roles]: "role",
    [`${roles}role`]: json("from-instance"),
  };
  const buckets =
    "<ListAllMyBucketsResult><Buckets><Bucket><Name>archive</Name>" +
    "<CreationDate>2026-01-01T00:00:00.000Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>";
  service = await scriptedService(({ path, headers }) => {
    const signed = String(headers["authorization"]).includes("Credential=from-files/");
    const scoped = String(headers["authorization"]).includes("/eu-west-1/s3/aws4_request");
    return { body: signed && scoped ? buckets : (answers[path] ?? "") };
  });
});
afterEach(async () => {
  files.remove();
  await service.close();
});

test("there is an expectation for each program of the page", () => {
  expect(programs).toHaveLength(printed.length);
});

test.each(programs.map((code, index) => [index + 1, code, printed[index]] as const))(
  "program %i of the page about credentials does what the page says",
  async (_, code, expected) => {
    const keys = "aws_access_key_id=from-files\naws_secret_access_key=s";
    const settings = `region=eu-west-1\nendpoint_url=${service.url}`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "--eval", code],
      {
        cwd: root,
        env: {
          PATH: process.env["PATH"],
          HOME: files.directory,
          AWS_ACCESS_KEY_ID: "from-environment",
          AWS_SECRET_ACCESS_KEY: "s",
          AWS_SHARED_CREDENTIALS_FILE: files.write("credentials", `[backup]\n${keys}`),
          AWS_CONFIG_FILE: files.write("config", `[profile backup]\n${settings}`),
          AWS_WEB_IDENTITY_TOKEN_FILE: files.write("token", "t"),
          AWS_ROLE_ARN: "r",
          AWS_ENDPOINT_URL_STS: service.url,
          AWS_CONTAINER_CREDENTIALS_FULL_URI: `${service.url}/container`,
          AWS_EC2_METADATA_SERVICE_ENDPOINT: service.url,
        },
      },
    );
    expect(stdout.trim()).toBe(expected);
  },
);
