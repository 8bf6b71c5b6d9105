import { expect, test } from "vitest";
import { S3Error } from "../errors/s3-error.ts";
import { attackCorpus } from "./attack-corpus.test.data.ts";
import { authFailureOf, authFailures } from "./auth-failures.ts";
import { readAuthorization } from "./authorization.ts";
import { SigningKeys } from "./signing-keys.ts";
import { verify } from "./verify.ts";
import { honestRequests, type WireRequest } from "./wire-request.test.data.ts";

const signer = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "a secret",
  region: "us-east-1",
  now: Date.UTC(2026, 10, 21, 12),
  host: "localhost:9000",
  bucketPath: "/bucket",
};
const keys = new SigningKeys();

function refusalOf(request: WireRequest): S3Error | undefined {
  try {
    const presented = readAuthorization(request, signer);
    if (presented === undefined) return undefined;
    const isKnown = presented.accessKeyId === signer.accessKeyId;
    verify(presented, {
      secret: isKnown ? signer.secretAccessKey : undefined,
      now: signer.now,
      keys,
    });
  } catch (error) {
    if (S3Error.is(error)) return error;
    throw error;
  }
  return undefined;
}

test("every attack that is not believed counts as one of the words, and is told one of its codes", () => {
  const seen = new Map<string, Set<string>>();
  const without: string[] = [];
  for (const [name, { on, make }] of Object.entries(attackCorpus)) {
    const error = refusalOf(make(honestRequests[on](signer), signer));
    // A target that cannot be decoded is no request of anybody: the router refuses it before.
    if (error === undefined || error.code === "InvalidURI") continue;
    const word = authFailureOf(error.reason);
    if (word === undefined) without.push(`${name}: ${error.code} ${error.reason}`);
    else seen.set(word, (seen.get(word) ?? new Set()).add(error.code));
  }
  expect(without).toEqual([]);
  // Only the holder of a secret learns that a credential does not hold: those two words are the gateway's.
  const told = Object.entries(authFailures).filter(
    ([word]) => word !== "disabled" && word !== "expired",
  );
  expect(
    Object.fromEntries([...seen].map(([word, codes]) => [word, [...codes].toSorted()])),
  ).toEqual(Object.fromEntries(told.map(([word, { codes }]) => [word, codes])));
});

test("the words of the proxy document are all there, and ours are marked as ours", () => {
  const documented = Object.entries(authFailures)
    .filter(([, { origin }]) => origin === "proxy-document")
    .map(([word]) => word);
  expect(documented).toEqual([
    "unknown_access_key",
    "bad_signature",
    "disabled",
    "expired",
    "bad_authorization_format",
    "bad_credential_field",
    "bad_date",
    "time_skew",
  ]);
});

test("no finer reason counts as two words, and no reason of something else as one", () => {
  const details = Object.values(authFailures).flatMap((row): readonly string[] => row.details);
  const all = [...Object.keys(authFailures), ...details];
  expect(new Set(all).size).toBe(all.length);
  for (const other of ["scope_violation", "no_such_key", "anonymous", "toString", ""]) {
    expect(authFailureOf(other)).toBeUndefined();
  }
});
