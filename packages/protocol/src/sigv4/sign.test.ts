import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { presign } from "./presign.ts";
import { signRequest } from "./sign.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const options = { credentials, region: "us-east-1", now: 0, payload: "UNSIGNED-PAYLOAD" };

test("headers come back by lower-case name, with what the signature needs", () => {
  const headers = signRequest(
    { method: "GET", target: "/", headers: { Host: "a", Range: "bytes=0-" } },
    options,
  );
  expect(Object.keys(headers).toSorted()).toEqual([
    "authorization",
    "host",
    "range",
    "x-amz-content-sha256",
    "x-amz-date",
  ]);
});

test("a session token is sent and signed, in the header and presigned", () => {
  const withToken = { ...options, credentials: { ...credentials, sessionToken: "a/b" } };
  const request = { method: "GET", target: "/?acl", headers: { host: "a" } };
  const headers = signRequest(request, withToken);
  expect(headers["x-amz-security-token"]).toBe("a/b");
  expect(headers["authorization"]).toContain("x-amz-security-token");
  const target = presign(request, { ...withToken, expiresSeconds: 1 });
  expect(target).toContain("/?acl&X-Amz-Algorithm=");
  expect(target).toContain("X-Amz-Security-Token=a%2Fb&X-Amz-Signature=");
});

test("an authorization that is already there is replaced", () => {
  const request = { method: "GET", target: "/", headers: { host: "a", authorization: "old" } };
  const headers = signRequest(request, options);
  const clean = signRequest({ ...request, headers: { host: "a" } }, options);
  expect(headers["authorization"]).toBe(clean["authorization"]);
});

test("a missing host or a name given twice cannot be signed", () => {
  const line = { method: "GET", target: "/" };
  expect(() => signRequest({ ...line, headers: {} }, options)).toThrow(TypeError);
  expect(() => signRequest({ ...line, headers: { host: "a", Host: "b" } }, options)).toThrow(
    TypeError,
  );
});

test.each(["a\nb", "a\r", "\u0000", "漢", "\u007f"])("a header of %j cannot be signed", (value) => {
  const request = { method: "GET", target: "/", headers: { host: "a", "x-amz-meta-a": value } };
  expect(() => signRequest(request, options)).toThrow(TypeError);
});

test("no source compares signatures but in constant time (GHSA-3p3x, 6b3e93e)", () => {
  for (const folder of ["./", "../streaming/"]) {
    const directory = new URL(folder, import.meta.url);
    for (const file of readdirSync(directory)) {
      if (!file.endsWith(".ts") || file.includes(".test.")) continue;
      const text = readFileSync(new URL(file, directory), "utf8");
      const compared = text.replaceAll(/\w+ [!=]== undefined/g, "");
      const comparison =
        /\b(?:computed|provided|signature) ?[!=]==|[!=]== ?(?:computed|provided|signature)\b/;
      expect({ file, found: comparison.exec(compared)?.[0] }).toEqual({ file, found: undefined });
    }
  }
});
