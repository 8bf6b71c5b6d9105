import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SigningCredentials } from "@holdfast/protocol";
import { MemoryControl, grant, testCredential } from "../access/memory-control.test.support.ts";
import { Records } from "../records.test.support.ts";
import { refusalOf, region, startSubject, type Answer, type Ask, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore

const dayMs = 86_400_000;
const now = Date.UTC(2026, 10, 21, 12);
const token = "a session token that nobody sees";
const list = [grant("bucket", "", "list")];

const held = {
  root: testCredential("root", { grants: "all" }),
  alice: testCredential("alice", { grants: list, expiresAt: now + dayMs }),
  disabled: testCredential("disabled", { grants: list, disabled: true }),
  expired: testCredential("expired", { grants: list, expiresAt: now }),
  both: testCredential("both", { grants: list, expiresAt: now, disabled: true }),
  temporary: testCredential("temporary", { grants: list, sessionToken: token, expiresAt: now + 1 }),
  past: testCredential("past", { grants: list, sessionToken: token, expiresAt: now }),
};
const control = new MemoryControl(...Object.values(held));
const records = new Records();
const subjects = new Map<string, Subject>();

beforeAll(async () => {
  for (const profile of ["documented", "aws"] as const) {
    const options = { control, now: () => now, log: records.log };
    const subject = await startSubject(profile, options);
    subjects.set(profile, subject);
    await subject.send({ method: "PUT", target: "/bucket", as: held.root, at: now });
  }
});
afterAll(async () => {
  for (const subject of subjects.values()) await subject.close();
});
function subjectOf(profile: string): Subject {
  const subject = subjects.get(profile);
  if (subject === undefined) throw new TypeError(profile);
  return subject;
}

function ask(as: SigningCredentials, more: Partial<Ask> = {}): Ask {
  return { method: "GET", target: "/bucket?list-type=2", at: now, as, ...more };
}

async function outcome(profile: string, sent: Ask): Promise<string> {
  const answer = await subjectOf(profile).send(sent);
  const { reason = "" } = await records.of(answer);
  if (answer.status === 200) return `200 ${reason}`;
  return `${answer.status} ${refusalOf(answer)["Code"]} ${reason}`;
}

const wrongly = (as: SigningCredentials): SigningCredentials => ({
  ...as,
  secretAccessKey: "wrong",
});
const unknown = testCredential("unknown");
const scope = "20261121/us-east-1/s3/aws4_request";
const authorization = (credential: string, algorithm = "AWS4-HMAC-SHA256"): Partial<Ask> => ({
  unsigned: {
    authorization: `${algorithm} Credential=${credential}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${"0".repeat(64)}`,
  },
});

/** What is sent, and the answer: its status in the documented profile and in AWS's, its code, the reason on record. */
const table: readonly (readonly [string, Ask, string])[] = [
  ["a key that nobody has", ask(unknown), "401/403 InvalidAccessKeyId unknown_access_key"],
  ["a wrong secret", ask(wrongly(held.alice)), "401/403 SignatureDoesNotMatch bad_signature"],
  ["a disabled credential", ask(held.disabled), "401/403 InvalidAccessKeyId disabled"],
  ["an expired credential", ask(held.expired), "403/403 AccessDenied expired"],
  ["a disabled one that has expired, too", ask(held.both), "401/403 InvalidAccessKeyId disabled"], // prettier-ignore
  ["an expired temporary credential", ask(held.past), "400/400 ExpiredToken expired"],
  ["another's session token", ask({ ...held.temporary, sessionToken: "x" }), "400/400 InvalidToken bad_session_token"], // prettier-ignore
  ["a scheme that is not AWS's", ask(held.alice, { unsigned: { authorization: "Bearer x" } }), "400/400 InvalidArgument unsupported_auth_scheme"], // prettier-ignore
  ["a header in pieces", ask(held.alice, { unsigned: { authorization: "AWS4-HMAC-SHA256 x" } }), "400/400 AuthorizationHeaderMalformed malformed_component"], // prettier-ignore
  ["a credential in pieces", ask(held.alice, authorization("alice/20261121")), "400/400 AuthorizationHeaderMalformed malformed_credential"], // prettier-ignore
  ["another region", ask(held.alice, authorization(`alice/${scope.replace(region, "mars")}`)), "400/400 AuthorizationHeaderMalformed wrong_region"], // prettier-ignore
  ["another service", ask(held.alice, authorization(`alice/${scope.replace("/s3/", "/sqs/")}`)), "400/400 AuthorizationHeaderMalformed wrong_service"], // prettier-ignore
  ["the day before in the credential", ask(held.alice, authorization(`alice/${scope.replace("1121", "1120")}`)), "400/400 AuthorizationHeaderMalformed scope_date_mismatch"], // prettier-ignore
  ["a date that is none", ask(held.alice, { unsigned: { "x-amz-date": "today" } }), "403/403 AccessDenied missing_date"], // prettier-ignore
  ["a date of an hour ago", ask(held.alice, { at: now - 3_600_000 }), "403/403 RequestTimeTooSkewed time_skew"], // prettier-ignore
  ["a header that is not signed", ask(held.alice, { unsigned: { "x-amz-meta-a": "b" } }), "403/403 AccessDenied unsigned_headers"], // prettier-ignore
];

describe.each(["documented", "aws"] as const)("in the profile %s", (profile) => {
  test.each(table)("%s is refused", async (_, sent, expected) => {
    const own = profile === "aws" ? expected.slice(4) : expected.replace(/\/\d+/, "");
    expect(await outcome(profile, sent)).toBe(own);
  });
});

test("nobody learns without the secret whether a key is disabled, expired or temporary", async () => {
  for (const as of [held.disabled, held.expired, held.past, held.temporary, held.both]) {
    const answer = await outcome("documented", ask(wrongly(as)));
    expect(answer).toBe("401 SignatureDoesNotMatch bad_signature");
  }
});

test("a credential holds until the millisecond that it expires", async () => {
  expect(await outcome("documented", ask(held.temporary))).toBe("200 ");
  control.add({ ...held.alice, expiresAt: now + 1 });
  expect(await outcome("documented", ask(held.alice))).toBe("200 ");
  control.add({ ...held.alice, expiresAt: now });
  expect(await outcome("documented", ask(held.alice))).toBe("403 AccessDenied expired");
  control.add(held.alice);
});

test("a credential holds from the request after its making to the one before its end", async () => {
  const as = testCredential("short-lived", { grants: list });
  expect(await outcome("documented", ask(as))).toContain("unknown_access_key");
  control.add(as);
  expect(await outcome("documented", ask(as))).toBe("200 ");
  control.add({ ...as, disabled: true });
  expect(await outcome("documented", ask(as))).toContain("disabled");
  control.add({ ...as, secretAccessKey: "rotated" });
  expect(await outcome("documented", ask(as))).toContain("bad_signature");
  control.credentials.delete(as.accessKeyId);
  expect(await outcome("documented", ask(as))).toContain("unknown_access_key");
});

test("a refused request is on record with the key that it claimed, and with nothing of its token", async () => {
  const wrong = "another token that nobody sees";
  const answers = [
    await subjectOf("aws").send(ask({ ...held.temporary, sessionToken: wrong })),
    await subjectOf("aws").send(ask(wrongly({ ...held.temporary, sessionToken: wrong }))),
    await presigned(wrongly({ ...held.temporary, sessionToken: wrong })),
    await presigned({ ...held.temporary, sessionToken: wrong }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([400, 403, 403, 400]);
  const seen = await Promise.all(answers.map((answer) => records.of(answer)));
  expect(seen.map(({ accessKeyId }) => accessKeyId)).toEqual(answers.map(() => "temporary"));
  const shown = JSON.stringify([seen, answers.map(({ body }) => body.toString())]);
  for (const secret of [token, wrong, encodeURIComponent(wrong), hexOf("nobody sees")]) {
    expect(shown.replaceAll(/(?<=[0-9a-f]{2}) (?=[0-9a-f]{2})/g, "")).not.toContain(secret);
  }
});

test("a presigned request works with its session token, and a repeated token is not told", async () => {
  expect((await presigned(held.temporary)).status).toBe(200);
  const parameter = `X-Amz-Security-Token=${encodeURIComponent(token)}`;
  const twice = await presigned(held.temporary, { target: `/bucket?${parameter}` });
  expect(refusalOf(twice)).toMatchObject({ status: 400, Code: "InvalidArgument" });
  expect(twice.body.toString()).not.toContain(token);
});

const hexOf = (text: string): string => Buffer.from(text).toString("hex");

function presigned(as: SigningCredentials, more: Partial<Ask> = {}): Promise<Answer> {
  return subjectOf("aws").send(ask(as, { expiresSeconds: 60, ...more }));
}
