import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { MemoryControl } from "../access/memory-control.test.support.ts";
import type { RequestRecord } from "../options.ts";
import { credentials, region, startSubject, type Subject } from "../s3-subject.test.support.ts";
import { openUpstreams, type OpenUpstreams } from "../upstream/open-upstreams.ts";
import { signedForm } from "./signed-form.test.support.ts";

const root = { ...credentials, grants: "all", disabled: false } as const;
const control = new MemoryControl(root);
const farControl = new MemoryControl(root);
const records: RequestRecord[] = [];
let far: Subject;
let near: Subject;
let upstreams: OpenUpstreams;
beforeAll(async () => {
  far = await startSubject("aws", { control: farControl });
  await far.send({ method: "PUT", target: "/acme-website" });
  const endpoints = [far.gateway.endpoint];
  upstreams = openUpstreams([{ name: "far", region, credentials, endpoints }]);
  const log = (record: RequestRecord): void => void records.push(record);
  near = await startSubject("documented", { control, upstreams, anonymous: true, log });
  const at = { upstream: "far", remoteBucket: "acme-website", createdAt: 0 };
  control.attach("website", { bucket: "website", ...at });
});
beforeEach(async () => {
  records.length = 0;
  await near.send({ method: "PUT", target: "/website/k", body: "as it was" });
});
afterAll(async () => {
  await near.close();
  await upstreams.close();
  await far.close();
});

const origin = "https://app.example.com";
const rule = {
  allowedOrigins: [origin],
  allowedMethods: ["GET"],
  allowedHeaders: [],
  exposeHeaders: [],
} as const;

test("anyone reads a bound bucket of an upstream, in the gateway's name and within the list", async () => {
  control.bindings.set("website", { requestsPerSecond: 1000 });
  const url = `${near.gateway.endpoint}/website`;
  expect(await (await fetch(`${url}/k`)).text()).toBe("as it was");
  expect((await fetch(`${url}/k`, { method: "HEAD" })).headers.get("content-length")).toBe("9");
  const listed = await (await fetch(`${url}?list-type=2&prefix=k`)).text();
  expect(listed).toContain("<Name>website</Name>");
  expect(listed).not.toContain("acme");
  expect((await fetch(`${url}/none`)).status).toBe(404);
  for (const target of [`${url}/k?response-content-type=text/html`, `${url}?uploads`, url]) {
    expect((await fetch(target)).status).toBe(403);
  }
  control.bindings.clear();
  expect((await fetch(`${url}/k`)).status).toBe(403);
});

test("a page is allowed by the rules that the gateway keeps, and those of the upstream say nothing", async () => {
  farControl.rules.set("acme-website", [{ ...rule, allowedOrigins: ["*"] }]);
  const get = { method: "GET", target: "/website/k", headers: { origin } };
  const allowed = (raw: readonly string[]): readonly string[] =>
    raw.filter((_, at) => raw[at - 1]?.toLowerCase() === "access-control-allow-origin");
  expect(allowed((await near.send(get)).rawHeaders)).toEqual([]);
  control.rules.set("website", [rule]);
  expect(allowed((await near.send(get)).rawHeaders)).toEqual([origin]);
  const none = { ...get, target: "/website/none" };
  expect(allowed((await near.send(none)).rawHeaders)).toEqual([origin]);
  control.rules.clear();
});

async function post(file: Buffer, range: readonly [number, number]): Promise<Response> {
  const fields = { "Content-Type": "text/plain", "x-amz-meta-a": "b" };
  const body = signedForm({ bucket: "website", file, range, fields });
  return await fetch(`${near.gateway.endpoint}/website`, { method: "POST", body });
}

test.each([0, 9, 65_536, 65_537, 3_000_000])(
  "a form of %d bytes is stored by the upstream",
  async (size) => {
    const file = Buffer.alloc(size, "\r\n--x");
    const answer = await post(file, [size, size]);
    expect([answer.status, await answer.text()]).toEqual([204, ""]);
    const stored = await far.send({ method: "GET", target: "/acme-website/k" });
    expect(stored.body.equals(file)).toBe(true);
    expect(stored.headers).toMatchObject({ "content-type": "text/plain", "x-amz-meta-a": "b", etag: answer.headers.get("etag") }); // prettier-ignore
    const record = records.find(({ operation }) => operation === "PostObject");
    expect(record).toMatchObject({ key: "k", upstream: "far", status: 204 });
    expect(record?.upstreamRequestId).toMatch(/^[0-9A-F]{32}$/);
  },
);

test.each([
  ["too small", 10, [11, 100]],
  ["too small and large", 3_000_000, [3_000_001, 4_000_000]],
  ["too large", 3_000_000, [0, 2_999_999]],
] as const)("a form whose file is %s leaves what the upstream has as it was", async (...row) => {
  const [, size, range] = row;
  const answer = await post(Buffer.alloc(size), range);
  expect(answer.status).toBe(400);
  expect(await answer.text()).toMatch(/<Code>EntityToo(?:Small|Large)<\/Code>/);
  const stored = await far.send({ method: "GET", target: "/acme-website/k" });
  expect(stored.body.toString()).toBe("as it was");
});

test("a refusal of the upstream is the answer to a form", async () => {
  const at = { bucket: "website", upstream: "far", remoteBucket: "acme-gone", createdAt: 0 };
  control.attach("website", at);
  const answer = await post(Buffer.from("x"), [0, 9]);
  expect(answer.status).toBe(404);
  const text = await answer.text();
  expect(text).toContain("<Code>NoSuchBucket</Code>");
  expect(text).not.toContain("acme");
  control.attach("website", { ...at, remoteBucket: "acme-website" });
});
