import { afterAll, beforeAll, expect, test } from "vitest";
import { S3Client, S3Error } from "@holdfast/client";
import { startLocalGateway, type LocalGateway } from "../proofs/local-gateway.ts";
import { region, rootCredential } from "../proofs/root-credential.ts";

let local: LocalGateway;
const clients: S3Client[] = [];

beforeAll(async () => {
  local = await startLocalGateway();
});

afterAll(async () => {
  for (const s3 of clients) s3.close();
  await local.close();
});

const wrongSecret = { ...rootCredential, secretAccessKey: "a wrong secret" };
const unknownId = { ...rootCredential, accessKeyId: "AKIDNOBODY0000000000" };

test.each([
  ["a wrong secret", wrongSecret, "there", "S3AccessDeniedError", "SignatureDoesNotMatch"],
  ["an unknown access key id", unknownId, "there", "S3AccessDeniedError", "InvalidAccessKeyId"],
  ["a missing bucket", rootCredential, "not-there", "S3NotFoundError", "NoSuchBucket"],
  ["a missing key", rootCredential, "proofs", "S3NotFoundError", "NoSuchKey"],
])("a HEAD with %s has the code that a GET has", async (...row) => {
  const [, credentials, bucket, name, errorCode] = row;
  const s3 = new S3Client({ region, endpoint: `http://127.0.0.1:${local.port}`, credentials });
  clients.push(s3);
  const asked = { bucket, key: "none" };
  for (const ask of [s3.headObject(asked), s3.getObject(asked)]) {
    const failure: unknown = await ask.then(() => "no failure").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(S3Error);
    expect(failure).toMatchObject({ name, errorCode, codeInferred: false });
  }
});
