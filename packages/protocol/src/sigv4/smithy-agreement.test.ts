import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { expect, test } from "vitest";
import { formatAmzDate } from "../dates.ts";
import { readAuthorization } from "./authorization.ts";
import { uriEncode } from "./canonical-request.ts";
import { presign } from "./presign.ts";
import { signRequest } from "./sign.ts";
import { SigningKeys } from "./signing-keys.ts";
import { verify } from "./verify.ts";

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

const region = "eu-north-1";
const secret = "a secret + 100 % of ünusual characters/==";
const credentials = { accessKeyId: "AKID.example-1", secretAccessKey: secret };
const keys = new SigningKeys();
const smithy = new SignatureV4({
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
const requests = fc.record({
  method: fc.constantFrom("GET", "PUT", "HEAD", "POST", "DELETE"),
  key: awkwardText,
  query: parameters,
  headers: fc.dictionary(headerName, asciiValue, { noNullPrototype: true }),
  second: fc.integer({ min: 0, max: 4_000_000_000 }),
});
type Arbitrary<T> = T extends fc.Arbitrary<infer Value> ? Value : never;

function onTheWire(request: Arbitrary<typeof requests>): { path: string; target: string } {
  const path = `/bucket/${request.key.split("/").map(uriEncode).join("/")}`;
  const query = Object.entries(request.query)
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .join("&");
  return { path, target: query === "" ? path : `${path}?${query}` };
}

const host = "localhost:9000";
const runs = { numRuns: 5000 };

test("5,000 random requests are signed in the header as smithy signs them, and verify", async () => {
  const property = fc.asyncProperty(requests, async (request) => {
    const { method, query, second } = request;
    const { path, target } = onTheWire(request);
    const payload = "UNSIGNED-PAYLOAD";
    const now = second * 1000;
    const theirs = await smithy.sign(
      {
        method,
        protocol: "http:",
        hostname: "localhost",
        path,
        query: { ...query },
        headers: { host, ...request.headers, "x-amz-content-sha256": payload },
      },
      { signingDate: new Date(now) },
    );
    const headers = { host, ...request.headers };
    const ours = signRequest(
      { method, target, headers },
      { credentials, region, now, payload, keys },
    );
    expect(ours["authorization"]).toBe(theirs.headers["authorization"]);
    const rawHeaders = Object.entries(theirs.headers).flatMap(([name, value]) => [
      name,
      value.trim(),
    ]);
    const presented = readAuthorization({ method, target, rawHeaders }, { region });
    if (presented === undefined) throw new Error("anonymous");
    expect(verify(presented, { secret, now, keys }).via).toBe("header");
  });
  await fc.assert(property, runs);
}, 60_000);

test("5,000 random requests are presigned as smithy presigns them, and verify", async () => {
  const property = fc.asyncProperty(
    requests,
    fc.integer({ min: 1, max: 604_800 }),
    async (request, expiresIn) => {
      const { method, query, second } = request;
      const { path, target } = onTheWire(request);
      const now = second * 1000;
      const theirs = await smithy.presign(
        {
          method,
          protocol: "http:",
          hostname: "localhost",
          path,
          query: { ...query },
          headers: { host, ...request.headers, "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD" },
        },
        {
          expiresIn,
          signingDate: new Date(now),
          unhoistableHeaders: new Set(
            Object.keys(request.headers).map((name) => name.toLowerCase()),
          ),
        },
      );
      const joined = target + (target.includes("?") ? "&" : "?");
      const ours = presign(
        {
          method,
          target: `${joined}X-Amz-Content-Sha256=UNSIGNED-PAYLOAD`,
          headers: { host, ...request.headers },
        },
        { credentials, region, now, expiresSeconds: expiresIn, keys },
      );
      const sent = new Map(
        ours
          .slice(joined.length)
          .split("&")
          .map((pair) => [pair.split("=")[0], pair]),
      );
      for (const [name, value] of Object.entries(theirs.query ?? {})) {
        if (name.startsWith("X-Amz-"))
          expect(sent.get(name)).toBe(`${name}=${uriEncode(String(value))}`);
      }
      const rawHeaders = Object.entries(theirs.headers).flatMap(([name, value]) => [
        name,
        value.trim(),
      ]);
      const presented = readAuthorization({ method, target: ours, rawHeaders }, { region });
      if (presented === undefined) throw new Error("anonymous");
      expect(presented.amzDate).toBe(formatAmzDate(now));
      expect(verify(presented, { secret, now: now + expiresIn * 1000, keys }).via).toBe(
        "presigned",
      );
    },
  );
  await fc.assert(property, runs);
}, 60_000);
