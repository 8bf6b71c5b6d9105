import { expect, test } from "vitest";
import { credentialScope } from "./credential-scope.ts";
import { SigningKeys } from "./signing-keys.ts";

const scope = credentialScope("20130524", "us-east-1");

test("a key is derived once and bound to its secret, so rotation takes effect at once", () => {
  const keys = new SigningKeys();
  const first = keys.derive("one", scope);
  expect(keys.derive("one", scope)).toBe(first);
  expect(keys.derive("two", scope)).not.toEqual(first);
  expect(keys.derive("one", credentialScope("20130525", "us-east-1"))).not.toEqual(first);
  expect(keys.derive("one", credentialScope("20130524", "us-east-2"))).not.toEqual(first);
});

test("no more keys are held than allowed, and the one used last stays", () => {
  const keys = new SigningKeys(2);
  const first = keys.derive("one", scope);
  keys.derive("two", scope);
  expect(keys.derive("one", scope)).toBe(first);
  keys.derive("three", scope);
  expect(keys.size).toBe(2);
  expect(keys.derive("one", scope)).toBe(first);
  for (let secret = 0; secret < 100; secret += 1) keys.derive(String(secret), scope);
  expect(keys.size).toBe(2);
});

test("AWS's published example of a derived key is met", () => {
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html names the parts.
  const key = new SigningKeys().derive("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", {
    date: "20120215",
    region: "us-east-1",
    text: "20120215/us-east-1/iam/aws4_request",
  });
  expect(key.toString("hex")).toBe(
    "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d",
  );
});
