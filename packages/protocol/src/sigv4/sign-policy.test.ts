import { expect, test } from "vitest";
import { parseAmzDate } from "../dates.ts";
import { policySignerFields, signPolicy } from "./sign-policy.ts";

const credentials = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const now = parseAmzDate("20151229T000000Z") ?? Number.NaN;

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html
const published = [
  '{ "expiration": "2015-12-30T12:00:00.000Z",',
  '  "conditions": [',
  '    {"bucket": "sigv4examplebucket"},',
  '    ["starts-with", "$key", "user/user1/"],',
  '    {"acl": "public-read"},',
  '    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},',
  '    ["starts-with", "$Content-Type", "image/"],',
  '    {"x-amz-meta-uuid": "14365123651274"},',
  '    {"x-amz-server-side-encryption": "AES256"},',
  '    ["starts-with", "$x-amz-meta-tag", ""],',
  "",
  '    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},',
  '    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},',
  '    {"x-amz-date": "20151229T000000Z" }',
  "  ]",
  "}",
].join("\r\n");

test("the policy that AWS publishes is signed as AWS publishes it", () => {
  const fields = signPolicy(published, { credentials, region: "us-east-1", now });
  expect(fields["x-amz-signature"]).toBe(
    "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
  );
  expect(Buffer.from(fields["policy"] ?? "", "base64").toString()).toBe(published);
});

test("another byte, secret, day or region gives another signature", () => {
  const options = { credentials, region: "us-east-1", now };
  const signatures = [
    signPolicy(published, options),
    signPolicy(`${published} `, options),
    signPolicy(published, { ...options, now: now + 86_400_000 }),
    signPolicy(published, { ...options, region: "us-east-2" }),
    signPolicy(published, { ...options, credentials: { ...credentials, secretAccessKey: "x" } }),
  ].map((fields) => fields["x-amz-signature"]);
  expect(new Set(signatures).size).toBe(5);
});

test("the signer's fields name the key, the day, the region and the session", () => {
  const withSession = { ...credentials, sessionToken: "a token" };
  expect(policySignerFields({ credentials: withSession, region: "eu-north-1", now })).toEqual({
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/eu-north-1/s3/aws4_request",
    "x-amz-date": "20151229T000000Z",
    "x-amz-security-token": "a token",
  });
});
