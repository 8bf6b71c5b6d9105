import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import { expect, test } from "vitest";
import { endpointOf } from "../endpoints/endpoint.ts";
import type { PresignContext } from "./context.ts";
import { presignPost, type PresignedPost } from "./presign-post.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret" };
const region = "eu-north-1";
const now = Date.UTC(2026, 1, 3, 4, 5, 6);
const context: PresignContext = {
  credentials,
  region,
  now,
  endpoint: endpointOf({
    endpoint: "http://localhost:9000/base/",
    region,
    addressing: "path",
    provider: undefined,
  }),
};
const at = { bucket: "bucket", key: "user/ü.txt" };

class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) this.#hash = createHash("sha256");
    else if (typeof secret === "string") this.#hash = createHmac("sha256", secret);
    else if (ArrayBuffer.isView(secret)) {
      const { buffer, byteOffset, byteLength } = secret;
      this.#hash = createHmac("sha256", Buffer.from(buffer, byteOffset, byteLength));
    } else this.#hash = createHmac("sha256", Buffer.from(secret));
  }
  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }
  reset(): void {
    throw new Error("one use each");
  }
}

function policyOf({ fields }: PresignedPost): { expiration: string; conditions: unknown[] } {
  return JSON.parse(Buffer.from(fields["policy"] ?? "", "base64").toString());
}

test("a form has its address, its fields, and a condition on every one of them", () => {
  const post = presignPost(context, {
    ...at,
    fields: { acl: "private", "Content-Type": "text/plain" },
    conditions: [
      ["starts-with", "x-amz-meta-tag", ""],
      ["eq", "success_action_status", "201"],
      ["content-length-range", 1, 1024],
    ],
    expiresSeconds: 60,
  });
  expect(post.url).toBe("http://localhost:9000/base/bucket");
  expect(post.expiresAt).toEqual(new Date(now + 60_000));
  expect(policyOf(post)).toEqual({
    expiration: "2026-02-03T04:06:06.000Z",
    conditions: [
      { bucket: "bucket" },
      { key: "user/ü.txt" },
      { acl: "private" },
      { "Content-Type": "text/plain" },
      { "x-amz-algorithm": "AWS4-HMAC-SHA256" },
      { "x-amz-credential": `AKIDEXAMPLE/20260203/${region}/s3/aws4_request` },
      { "x-amz-date": "20260203T040506Z" },
      ["starts-with", "$x-amz-meta-tag", ""],
      ["eq", "$success_action_status", "201"],
      ["content-length-range", 1, 1024],
    ],
  });
});

test("its signature is the one that smithy makes of the policy", async () => {
  const { fields } = presignPost(context, at);
  const smithy = new SignatureV4({ credentials, region, service: "s3", sha256: Sha256 });
  const theirs = await smithy.sign(fields["policy"] ?? "", { signingDate: new Date(now) });
  expect(fields["x-amz-signature"]).toBe(theirs);
});

test("a session is one of the signed fields", () => {
  const session = { ...context, credentials: { ...credentials, sessionToken: "token" } };
  const post = presignPost(session, at);
  expect(post.fields["x-amz-security-token"]).toBe("token");
  expect(policyOf(post).conditions).toContainEqual({ "x-amz-security-token": "token" });
});

test("a key that ends in the file's name is a beginning", () => {
  const post = presignPost(context, { ...at, key: "user/${filename}" });
  expect(policyOf(post).conditions).toContainEqual(["starts-with", "$key", "user/"]);
  expect(post.fields["key"]).toBe("user/${filename}");
});

test("a policy does not outlive the credentials", () => {
  const expiration = new Date(now + 5000);
  const post = presignPost({ ...context, credentials: { ...credentials, expiration } }, at);
  expect(post.expiresAt).toEqual(expiration);
  expect(policyOf(post).expiration).toBe(expiration.toISOString());
});

test.each([
  ["a field of the signer's", { fields: { "X-Amz-Date": "x" } }],
  ["a range that is backwards", { conditions: [["content-length-range", 9, 1]] }],
  ["a range of no numbers", { conditions: [["content-length-range", 0, Number.NaN]] }],
  ["an empty key", { key: "" }],
  ["a time beyond seven days", { expiresSeconds: 604_801 }],
] as const)("%s is refused", (_what, more) => {
  expect(() => presignPost(context, { ...at, ...more })).toThrow(
    expect.objectContaining({ name: "S3InvalidRequestError", retryable: false }),
  );
});
