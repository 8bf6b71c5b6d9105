import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import * as fc from "fast-check";
import { uriEncode } from "./canonical-request.ts";
import { SigningKeys } from "./signing-keys.ts";

class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) this.#hash = createHash("sha256");
    else if (typeof secret === "string") this.#hash = createHmac("sha256", secret);
    else if (ArrayBuffer.isView(secret))
      this.#hash = createHmac(
        "sha256",
        Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength),
      );
    else this.#hash = createHmac("sha256", Buffer.from(secret));
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

export const region = "eu-north-1";
export const secret = "a secret + 100 % of ünusual characters/==";
export const credentials = { accessKeyId: "AKID.example-1", secretAccessKey: secret };
export const keys = new SigningKeys();
export const smithy = new SignatureV4({
  credentials,
  region,
  service: "s3",
  sha256: Sha256,
  uriEscapePath: false,
});

const awkward = fc.constantFrom(
  ..."abcXYZ019-._~ +%*'()!#?&=;:@$,[]{}|^`\"<>\\\u0000\t\u007f".split(""),
  "/",
  "//",
  ".",
  "..",
  "%2F",
  "%25",
  "é",
  "漢字",
  "🙂",
);
const awkwardText = fc.array(awkward, { maxLength: 12 }).map((parts) => parts.join(""));
const parameterName = awkwardText.filter((name) => name !== "" && !/^x-amz-/i.test(name));
const parameters = fc.dictionary(parameterName, awkwardText, { maxKeys: 5, noNullPrototype: true });
const headerValue = fc
  .array(fc.constantFrom("a", "Z", "0", " ", "  ", "\t", "é", '"', ",", "=", ";", ":"), {
    maxLength: 12,
  })
  .map((parts) => parts.join(""));
const headerName = fc.constantFrom(
  "Content-Type",
  "content-md5",
  "x-amz-acl",
  "X-Amz-Meta-A",
  "x-amz-meta-b_c",
  "x-amz-tagging",
  "If-Match",
  "range",
);
const asciiValue = headerValue.map((value) => value.replaceAll("é", "e"));
export const requests = fc.record({
  method: fc.constantFrom("GET", "PUT", "HEAD", "POST", "DELETE"),
  key: awkwardText,
  query: parameters,
  headers: fc.dictionary(headerName, asciiValue, { noNullPrototype: true }),
  second: fc.integer({ min: 0, max: 4_000_000_000 }),
});
type RandomRequest = typeof requests extends fc.Arbitrary<infer Value> ? Value : never;

/** Path and target as an honest client sends them. */
export function onTheWire(request: RandomRequest): { path: string; target: string } {
  const path = `/bucket/${request.key.split("/").map(uriEncode).join("/")}`;
  const query = Object.entries(request.query)
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .join("&");
  return { path, target: query === "" ? path : `${path}?${query}` };
}

export const host = "localhost:9000";
export const runs = { numRuns: 5000 };
