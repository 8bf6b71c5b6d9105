import { expect, test } from "vitest";
import { S3Client } from "../client.ts";
import { fromDefaultChain } from "./from-default-chain.ts";
import { fromEnvironment } from "./from-environment.ts";
import { fromStatic } from "./from-static.ts";

const environment = { HOME: "/nowhere", AWS_EC2_METADATA_DISABLED: "true" };
const half = { ...environment, AWS_ACCESS_KEY_ID: "id" };

test.each([
  ["fromEnvironment", fromEnvironment({ environment }), "CredentialsUnavailable"],
  [
    "fromEnvironment, set up by half",
    fromEnvironment({ environment: half }),
    "InvalidConfiguration",
  ],
  ["fromDefaultChain", fromDefaultChain({ environment }), "CredentialsUnavailable"],
])("whoever calls %s itself gets an S3Error", async (_name, provider, errorCode) => {
  await expect(provider()).rejects.toMatchObject({
    operation: "credentials",
    errorCode,
    causes: expect.any(Array),
  });
});

test("credentials that can sign nothing are an S3Error, wherever they are given", () => {
  const credentials = { accessKeyId: "", secretAccessKey: "secret" };
  const error = expect.objectContaining({ name: "S3AccessDeniedError" });
  expect(() => fromStatic(credentials)).toThrow(error);
  expect(() => new S3Client({ credentials })).toThrow(error);
});

test("a client tells the same failure as that of its own operation", async () => {
  await using s3 = new S3Client({ credentials: fromEnvironment({ environment: half }) });
  await expect(s3.headBucket({ bucket: "photos" })).rejects.toMatchObject({
    operation: "HeadBucket",
    errorCode: "InvalidConfiguration",
    message: expect.stringContaining(
      "AWS_SECRET_ACCESS_KEY is wrong: not set, but AWS_ACCESS_KEY_ID is.",
    ),
  });
});
