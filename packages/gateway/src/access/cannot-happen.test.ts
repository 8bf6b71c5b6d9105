import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readAuthorization, S3Error, signRequest, SigningKeys, verify } from "@holdfast/protocol";
import { documentOf, refusalOf, startSubject, type Answer, type Ask, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore
import { MemoryControl, grant, testCredential } from "./memory-control.test.support.ts";

/*
 * What let tenants in where they do not belong in a proxy of this kind, one test each. What the stages' own tests show is not
 * repeated here: the sources of copies, sub-resources, dots in paths and the method of ListBuckets are in authorize.test.ts.
 */

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const root = testCredential("root", { grants: "all" });
const tenant = testCredential("tenant", {
  grants: [grant("mine", "", "read", "write", "list", "delete")],
});
const control = new MemoryControl(root, tenant);
let now = Date.now();
let subject: Subject;
beforeAll(async () => {
  subject = await startSubject("documented", { control, now: () => now });
  for (const bucket of ["mine", "other"]) {
    await subject.send({ method: "PUT", target: `/${bucket}`, as: root });
    await subject.send({ method: "PUT", target: `/${bucket}/key`, body: `of ${bucket}`, as: root });
  }
});
afterAll(() => subject.close());
beforeEach(() => {
  now = Date.now();
});

const send = (ask: Ask): Promise<Answer> => subject.send({ as: tenant, ...ask });
const get = (more: Partial<Ask> = {}): Promise<Answer> =>
  send({ method: "GET", target: "/mine/key", ...more });

describe("a request that somebody else signed", () => {
  test.each([
    ["x-amz-copy-source", "/other/key"],
    ["x-amz-acl", "public-read"],
    ["x-amz-meta-owner", "mallory"],
    ["x-amz-security-token", "token"],
    ["X-AMZ-Tagging", "a=b"],
  ])("is not made another one by adding %s to it", async (name, value) => {
    for (const expiresSeconds of [undefined, 60]) {
      const signing = expiresSeconds === undefined ? {} : { expiresSeconds };
      const answer = await send({ method: "PUT", target: "/mine/key", body: "of mine", unsigned: { [name]: value }, ...signing }); // prettier-ignore
      expect(refusalOf(answer)).toMatchObject({ status: 403, Code: "AccessDenied" });
    }
    expect((await get()).body.toString()).toBe("of mine");
  });

  test("does not get another region or service by its credential", async () => {
    for (const [from, to] of [
      ["us-east-1", "mars"],
      ["/s3/", "/sqs/"],
      ["aws4_request", "aws5_request"],
    ] as const) {
      // prettier-ignore
      const { path, authorization } = signed();
      const answer = await get({ target: path, unsigned: { authorization: authorization.replace(from, to) } }); // prettier-ignore
      expect(refusalOf(answer)).toMatchObject({
        status: 400,
        Code: "AuthorizationHeaderMalformed",
      });
      if (to === "mars") expect(refusalOf(answer)["Region"]).toBe("us-east-1");
    }
  });

  test("is not dated otherwise than its credential", async () => {
    const { authorization } = signed();
    const date = /\/(\d{8})\//.exec(authorization)?.[1] ?? "";
    const other = new Date(now - dayMs).toISOString().slice(0, 10).replaceAll("-", "");
    const answer = await get({ unsigned: { authorization: authorization.replace(date, other) } });
    expect(refusalOf(answer)).toMatchObject({ status: 400, Code: "AuthorizationHeaderMalformed" });
  });

  test("is not signed twice, in its header and in its query", async () => {
    const { authorization } = signed();
    const answer = await get({ expiresSeconds: 60, unsigned: { authorization } });
    expect(refusalOf(answer)).toMatchObject({ status: 400, Code: "InvalidArgument" });
  });

  test("does not pass with a signature of version 2, nor as anybody's for that", async () => {
    const old = await get({ unsigned: { authorization: "AWS tenant:c2lnbmF0dXJl" } });
    expect(refusalOf(old)).toMatchObject({ status: 400, Code: "InvalidRequest" });
    const query = await get({ target: "/mine/key?AWSAccessKeyId=tenant&Signature=x&Expires=9999999999" }); // prettier-ignore
    expect(refusalOf(query)).toMatchObject({ status: 400, Code: "InvalidRequest" });
  });
});

describe("a presigned request", () => {
  test("lives as long as it says, and no longer", async () => {
    const signedAt = now;
    const ask = { at: signedAt, expiresSeconds: 7 * 24 * 3600 };
    for (const age of [0, 16 * minuteMs, 6 * dayMs, 7 * dayMs - minuteMs]) {
      now = signedAt + age;
      expect((await get(ask)).status).toBe(200);
    }
    now = signedAt + 7 * dayMs + minuteMs;
    expect(refusalOf(await get(ask))).toMatchObject({ status: 403, Code: "AccessDenied" });
    now = signedAt - 16 * minuteMs;
    expect(refusalOf(await get(ask))).toMatchObject({ status: 403, Code: "AccessDenied" });
  });

  test("dies with the credential that signed it", async () => {
    const as = testCredential("leaver", { grants: tenant.grants });
    control.add(as);
    const ask = { as, at: now, expiresSeconds: 3600 };
    expect((await get(ask)).status).toBe(200);
    control.add({ ...as, disabled: true });
    expect(refusalOf(await get(ask))).toMatchObject({ status: 401, Code: "InvalidAccessKeyId" });
    control.add({ ...as, grants: [] });
    expect(refusalOf(await get(ask))).toMatchObject({ status: 403, Code: "AccessDenied" });
  });

  test("does no more than its credential may", async () => {
    const answer = await get({ target: "/other/key", expiresSeconds: 60 });
    expect(refusalOf(answer)).toMatchObject({ status: 403, Code: "AccessDenied" });
  });
});

test("who may ask for no bucket is told of none", async () => {
  control.add(testCredential("nobody"));
  const answer = await send({ method: "GET", target: "/", as: testCredential("nobody") });
  expect(documentOf(answer).children.find(({ name }) => name === "Buckets")?.children).toEqual([]);
});

test("an unknown key costs what a wrong signature costs, so that time does not tell them apart", () => {
  const keys = new SigningKeys();
  const { authorization, headers } = signed("wrong");
  const rawHeaders = Object.entries({ ...headers, authorization }).flat();
  const cost = (secret: string | undefined): number => {
    const before = process.cpuUsage();
    for (let index = 0; index < 2000; index += 1) {
      const presented = readAuthorization({ method: "GET", target: "/mine/key", rawHeaders }, { region: "us-east-1" }); // prettier-ignore
      if (presented === undefined) throw new TypeError("anonymous");
      try {
        verify(presented, { secret, now, keys });
      } catch (error) {
        if (!S3Error.is(error)) throw error;
      }
    }
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const least = (secret: string | undefined): number => Math.min(...[1, 2, 3, 4, 5].map(() => cost(secret))); // prettier-ignore
  least(undefined);
  const ratio = least(undefined) / least(tenant.secretAccessKey);
  process.stdout.write(`an unknown key costs ${ratio.toFixed(2)} of a wrong signature\n`);
  // What is left is the document of the signature's refusal, which says what was computed.
  expect(ratio).toBeGreaterThan(0.4);
  expect(ratio).toBeLessThan(1.5);
});

function signed(secret = tenant.secretAccessKey): {
  path: string;
  authorization: string;
  headers: Record<string, string>;
} {
  // prettier-ignore
  const target = "/mine/key";
  const headers = signRequest(
    { method: "GET", target, headers: { host: `127.0.0.1:${subject.gateway.port}` } },
    { credentials: { ...tenant, secretAccessKey: secret }, region: "us-east-1", now, payload: "UNSIGNED-PAYLOAD" }, // prettier-ignore
  );
  return { path: target, authorization: headers["authorization"] ?? "", headers };
}
