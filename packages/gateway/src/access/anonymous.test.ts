import { request as httpRequest } from "node:http";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { operations } from "@holdfast/protocol";
import type { RequestRecord } from "../options.ts";
import { MemoryControl } from "./memory-control.test.support.ts";
import { credentials, documentOf, refusalOf, startSubject, type Answer, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore

const control = new MemoryControl({ ...credentials, grants: "all", disabled: false });
const forwarded: string[] = [];
const upstreams = {
  async forward({ operation, principal }: { readonly operation: string; readonly principal: { readonly kind: string } }) {
    forwarded.push(`${operation} of ${principal.kind}`);
    return { status: 200, body: "from upstream" };
  },
}; // prettier-ignore
const records: RequestRecord[] = [];
const log = (record: RequestRecord): void => void records.push(record);

const subjects = new Map<string, Subject>();
beforeAll(async () => {
  for (const profile of ["documented", "aws"] as const) {
    const subject = await startSubject(profile, { control, upstreams, anonymous: true, log });
    subjects.set(profile, subject);
    for (const bucket of ["website", "secret"]) {
      await subject.send({ method: "PUT", target: `/${bucket}` });
      await subject.send({ method: "PUT", target: `/${bucket}/index.html`, body: "hello" });
    }
  }
  const at = { upstream: "ceph", remoteBucket: "acme-public", createdAt: 0 };
  control.attach("public", { bucket: "public", ...at });
});
beforeEach(() => {
  control.bindings.clear();
  for (const bucket of ["website", "public"]) {
    control.bindings.set(bucket, { requestsPerSecond: 1000 });
  }
  records.length = 0;
  forwarded.length = 0;
});
afterAll(async () => {
  for (const subject of subjects.values()) await subject.close();
});

type Profile = "documented" | "aws";
interface Plain {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly profile?: Profile;
}

async function ask(target: string, { profile = "documented", body, ...plain }: Plain = {}) {
  return await new Promise<Answer>((resolve, reject) => {
    const { port } = subjects.get(profile)?.gateway ?? {};
    const options = { host: "127.0.0.1", port, path: target, ...plain };
    const request = httpRequest(options, (response) => {
      const { statusCode: status = 0, headers, rawHeaders } = response;
      buffer(response).then((all) => resolve({ status, headers, rawHeaders, body: all }), reject);
    });
    request.on("error", reject).end(body);
  });
}

describe.each(["documented", "aws"] as const)("in the profile %s, of a bound bucket", (profile) => {
  test("anyone reads, asks about and lists objects", async () => {
    expect((await ask("/website/index.html", { profile })).body.toString()).toBe("hello");
    const head = await ask("/website/index.html?x-id=HeadObject", { profile, method: "HEAD" });
    expect(head).toMatchObject({ status: 200, headers: { "content-length": "5" } });
    const ranged = { range: "bytes=1-2" };
    expect((await ask("/website/index.html", { profile, headers: ranged })).status).toBe(206);
    const listed = await ask("/website?list-type=2&prefix=i&max-keys=2", { profile });
    expect(documentOf(listed).name).toBe("ListBucketResult");
    expect(records.map(({ accessKeyId, code }) => [accessKeyId, code])).toEqual(
      records.map(() => [undefined, undefined]),
    );
  });

  test("what does not exist is told as to anyone who may read it", async () => {
    expect(refusalOf(await ask("/website/none", { profile }))).toMatchObject({ Code: "NoSuchKey" });
  });
});

test("a bucket of an upstream is read the same way, in nobody's name", async () => {
  expect((await ask("/public/a")).body.toString()).toBe("from upstream");
  expect((await ask("/public?list-type=2")).status).toBe(200);
  expect(forwarded).toEqual(["GetObject of anonymous", "ListObjectsV2 of anonymous"]);
});

const readable = new Set(["GetObject", "HeadObject", "ListObjectsV2"]);
// Whether a form is anyone's stands in the form: its own tests have that.
const others = Object.entries(operations).filter(
  ([name]) => !readable.has(name) && name !== "PostObject",
);

describe.each(["documented", "aws"] as const)("in the profile %s", (profile) => {
  test.each(others)("%s is nobody's, at a bound bucket too", async (name, row) => {
    const required = "requires" in row ? row.requires : [];
    const query = required.map((one) => (one.includes("=") ? one : `${one}=1`)).join("&");
    for (const bucket of ["website", "public"]) {
      const path = { service: "/", bucket: `/${bucket}`, object: `/${bucket}/index.html` };
      const header = "header" in row ? { [row.header]: "/secret/index.html" } : {};
      const answer = await ask(`${path[row.target]}?${query}`, {
        profile,
        method: row.method,
        headers: header,
      });
      expect(answer.status).toBe(403);
      const reason = row.target === "service" ? "no_binding" : "operation_not_allowed";
      expect(records.at(-1)).toMatchObject({ operation: name, code: "AccessDenied", reason });
    }
    expect(forwarded).toEqual([]);
  });

  test("a bucket without a binding is closed, and one that does not exist says the same", async () => {
    for (const target of ["/secret/index.html", "/no-such-bucket/k", "/secret?list-type=2"]) {
      expect(refusalOf(await ask(target, { profile }))).toMatchObject({
        status: 403,
        Code: "AccessDenied",
      });
      expect(records.at(-1)).toMatchObject({ reason: "no_binding" });
    }
  });

  test("an address that asks too often is told when to come again", async () => {
    const bucket = profile === "aws" ? "public" : "website";
    control.bindings.set(bucket, { requestsPerSecond: 0.001 });
    expect((await ask(`/${bucket}/index.html`, { profile })).status).toBe(200);
    const answer = await ask(`/${bucket}/index.html`, { profile });
    expect(refusalOf(answer)).toMatchObject({
      status: profile === "aws" ? 503 : 429,
      Code: "SlowDown",
    });
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(900);
    expect(records.at(-1)).toMatchObject({ reason: "rate_limited" });
  });
});

test.each([
  "/website/index.html?response-content-type=text%2Fhtml",
  "/website/index.html?response-content-disposition=inline",
  "/website/index.html?x-vendor=1",
  "/website?list-type=2&fetch-owner=true",
  "/website?list-type=2&x-amz-vendor=1",
  "/website?prefix=a",
])("%s asks for more than anyone may have", async (target) => {
  expect((await ask(target)).status).toBe(403);
  expect(records.at(-1)).toMatchObject({ reason: "operation_not_allowed" });
});

test.each(["versions", "policyStatus", "publicAccessBlock", "ownershipControls", "acl", "attributes"])(
  "the subresource %s is no way around the list",
  async (name) => {
    for (const target of [`/website?list-type=2&${name}`, `/website/index.html?${name}`]) {
      expect((await ask(target)).status).toBeGreaterThanOrEqual(400);
    }
  },
); // prettier-ignore

test.each<[string, string, Record<string, string>?]>([
  ["a signature of version 2", "/website/index.html?AWSAccessKeyId=a&Signature=b&Expires=9999999999"],
  ["half a signature of version 4", "/website/index.html?X-Amz-Signature=00"],
  ["a credential without a signature", "/website/index.html?X-Amz-Credential=a"],
  ["the same in other letters", "/website/index.html?x-amz-algorithm=a"],
  ["a token in the query", "/website/index.html?X-Amz-Security-Token=t"],
  ["a token in a header", "/website/index.html", { "x-amz-security-token": "t" }],
  ["an empty authorization", "/website/index.html", { authorization: "" }],
  ["another scheme", "/website/index.html", { authorization: "Bearer t" }],
])("a request with %s is not anyone's", async (_what, target, headers = {}) => {
  expect((await ask(target, { headers })).status).toBeGreaterThanOrEqual(400);
}); // prettier-ignore

test("without the gateway's own switch no binding counts", async () => {
  const closed = await startSubject("documented", { control, log });
  await closed.send({ method: "PUT", target: "/website" });
  const answer = await fetch(`${closed.gateway.endpoint}/website?list-type=2`);
  expect(answer.status).toBe(403);
  expect(records.at(-1)).toMatchObject({ code: "AccessDenied", reason: "disabled_globally" });
  await closed.close();
});
