import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestParts, type TestParts } from "./admin-parts.test.support.ts";
import { startAdmin } from "./admin.ts";
import type { AdminServer } from "./server.ts";
import { adminTokenDigest } from "./token.ts";

const token = "c".repeat(43);
let now = Date.UTC(2026, 10, 21);
let opened: TestParts;
let server: AdminServer;
beforeAll(async () => {
  opened = await openTestParts(() => now);
  const { parts } = opened;
  const tokenDigest = adminTokenDigest(token);
  server = await startAdmin({ ...parts, tokenDigest, host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
  await server.close({ graceMs: 0 });
  await opened.close();
});

interface Answered {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function ask(method: string, path: string, body?: unknown): Promise<Answered> {
  const answer = await fetch(`${server.endpoint}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? {} : JSON.parse(text) };
}

const refused = (status: number, code: string, detail?: object): object => ({
  status,
  body: { error: { code, message: expect.any(String), ...(detail && { detail }) } },
});

async function newCredential(tenant: string, more: object = {}): Promise<Record<string, unknown>> {
  const grants = [{ bucket: "uploads", prefix: "in/", verbs: ["read", "write"] }];
  const { status, body } = await ask("POST", "/v1/credentials", { tenant, grants, ...more });
  expect(status).toBe(201);
  return body;
}

test("a tenant is made once, and a deletion is as good the second time", async () => {
  const made = await ask("POST", "/v1/tenants", { tenant: "once" });
  expect(made).toEqual({
    status: 201,
    body: { tenant: "once", disabled: false, createdAt: "2026-11-21T00:00:00.000Z" },
  });
  expect(await ask("POST", "/v1/tenants", { tenant: "once" })).toEqual(
    refused(409, "already_exists"),
  );
  for (const _ of [1, 2]) {
    expect(await ask("DELETE", "/v1/tenants/once")).toEqual({ status: 204, body: {} });
  }
  expect(await ask("PATCH", "/v1/tenants/once", { disabled: true })).toEqual(
    refused(404, "no_such_tenant", { tenant: "once" }),
  );
});

test("lists come in pages that neither repeat nor lose an entry, though others come and go", async () => {
  const names = Array.from({ length: 7 }, (_, index) => `page-${index}`);
  for (const tenant of names) await ask("POST", "/v1/tenants", { tenant });
  const seen: unknown[] = [];
  let query = "?limit=2";
  for (;;) {
    const { body } = await ask("GET", `/v1/tenants${query}`);
    const { tenants, nextPageToken } = body;
    if (!Array.isArray(tenants)) throw new Error("no list");
    seen.push(...tenants.map(({ tenant }) => tenant));
    if (typeof nextPageToken !== "string") break;
    expect(nextPageToken).not.toContain("page-");
    query = `?limit=2&pageToken=${nextPageToken}`;
    await ask("DELETE", "/v1/tenants/page-1");
    await ask("POST", "/v1/tenants", { tenant: "page-00" });
  }
  expect(seen).toEqual(names);
});

test.each(["x", "cDI6", "cDE6cGFnZS0x=", "%00", "p1:page-1"])(
  "the page token %j, which no list gave out, is refused by every list",
  async (pageToken) => {
    for (const list of ["tenants", "credentials", "buckets", "anonymous", "audit"]) {
      const answered = await ask("GET", `/v1/${list}?pageToken=${pageToken}`);
      expect([list, answered]).toEqual([list, refused(400, "bad_page_token")]);
    }
  },
);

test("a secret is in the answer that made it, and never again anywhere", async () => {
  await ask("POST", "/v1/tenants", { tenant: "secretive" });
  const made = await newCredential("secretive", { expiresInSeconds: 60, description: "a note" });
  const { accessKeyId, secretAccessKey, ...rest } = made;
  expect(rest).toEqual({
    tenant: "secretive",
    grants: [{ bucket: "uploads", prefix: "in/", verbs: ["read", "write"] }],
    disabled: false,
    createdAt: "2026-11-21T00:00:00.000Z",
    expiresAt: "2026-11-21T00:01:00.000Z",
    description: "a note",
  });
  const session = await ask("POST", `/v1/credentials/${String(accessKeyId)}/sessions`, {
    expiresInSeconds: 30,
  });
  expect(session).toMatchObject({
    status: 201,
    body: { parent: accessKeyId, tenant: "secretive" },
  });
  const secrets = [secretAccessKey, session.body["secretAccessKey"], session.body["sessionToken"]];
  const shown = await Promise.all(
    [`/v1/credentials/${String(accessKeyId)}`, "/v1/credentials", "/v1/audit"].map((path) =>
      ask("GET", path),
    ),
  );
  const text = JSON.stringify(shown);
  expect(text).toContain(String(accessKeyId));
  for (const secret of secrets) {
    expect(String(secret).length).toBeGreaterThan(20);
    expect(text).not.toContain(String(secret));
  }
});

test("what is absent from a change stays, and null takes it away", async () => {
  await ask("POST", "/v1/tenants", { tenant: "changing" });
  const limits = { requestsPerSecond: 5, concurrency: 2 };
  const { accessKeyId } = await newCredential("changing", { expiresInSeconds: 60, limits });
  const path = `/v1/credentials/${String(accessKeyId)}`;
  const disabled = await ask("PATCH", path, { disabled: true });
  expect(disabled.body).toMatchObject({ disabled: true, limits, expiresAt: expect.any(String) });
  now += 1000;
  const longer = await ask("PATCH", path, { expiresInSeconds: 60, disabled: false });
  expect(longer.body).toMatchObject({ disabled: false, expiresAt: "2026-11-21T00:01:01.000Z" });
  const { body } = await ask("PATCH", path, { expiresInSeconds: null, limits: null });
  expect([body["expiresAt"], body["limits"]]).toEqual([undefined, undefined]);
  const unknown = await ask("PATCH", path, { secretAccessKey: "mine" });
  expect(unknown).toMatchObject(refused(400, "unknown_field"));
});

test("a bucket is attached to an upstream that is known, once, and not over one that is here", async () => {
  const { engine, control } = opened.parts;
  await engine.createBucket("attach-here");
  const path = "/v1/buckets/attached/attachment";
  const wanted = { upstream: "ceph", remoteBucket: "theirs" };
  for (const _ of [1, 2]) {
    expect(await ask("PUT", path, wanted)).toMatchObject({ status: 200, body: wanted });
  }
  expect(control.attachment("attached")).toMatchObject(wanted);
  const other = await ask("PUT", path, { upstream: "aws", remoteBucket: "theirs" });
  expect(other).toEqual(refused(409, "already_exists"));
  const taken = await ask("PUT", "/v1/buckets/second/attachment", wanted);
  expect(taken).toEqual(refused(409, "remote_bucket_taken"));
  const unknown = await ask("PUT", "/v1/buckets/second/attachment", { ...wanted, upstream: "cph" });
  expect(unknown).toEqual(refused(404, "no_such_upstream", { upstream: "cph" }));
  const here = await ask("PUT", "/v1/buckets/attach-here/attachment", {
    upstream: "aws",
    remoteBucket: "attach-here",
  });
  expect(here).toEqual(refused(409, "already_exists", { bucket: "attach-here" }));
  const { body } = await ask("GET", "/v1/buckets?limit=1");
  expect(body).toMatchObject({
    buckets: [{ name: "attach-here" }],
    nextPageToken: expect.any(String),
  });
  const rest = await ask("GET", `/v1/buckets?pageToken=${String(body["nextPageToken"])}`);
  expect(rest.body).toMatchObject({ buckets: [{ name: "attached", attachment: wanted }] });
  for (const _ of [1, 2]) expect((await ask("DELETE", path)).status).toBe(204);
  expect(control.attachment("attached")).toBeUndefined();
});

test("limits that contradict each other, rules without an origin and odd verbs are refused", async () => {
  const quota = await ask("PUT", "/v1/buckets/some/quota", { softBytes: 2, hardBytes: 1 });
  expect(quota).toMatchObject(refused(400, "invalid_field"));
  expect(await ask("PUT", "/v1/buckets/some/quota", {})).toMatchObject(
    refused(400, "invalid_field"),
  );
  const rules = [{ allowedOrigins: [], allowedMethods: ["GET"] }];
  const cors = await ask("PUT", "/v1/buckets/some/cors", { rules });
  expect(cors).toMatchObject(refused(400, "invalid_field"));
  const grants = [{ bucket: "some", verbs: ["read", "execute"] }];
  const verbs = await ask("POST", "/v1/credentials", { tenant: "acme", grants });
  expect(verbs).toMatchObject({ body: { error: { detail: { field: "grants[0].verbs[1]" } } } });
  expect(opened.parts.control.quota("some")).toBeUndefined();
});

test("every change and every refusal is an event with what was asked, whom it concerns and from where", async () => {
  await ask("POST", "/v1/tenants", { tenant: "watched" });
  const { accessKeyId } = await newCredential("watched");
  await ask("PUT", "/v1/buckets/watched/quota", { hardBytes: 7 });
  await ask("PATCH", "/v1/tenants/nobody", { disabled: true });
  await fetch(`${server.endpoint}/v1/tenants/watched`, { method: "DELETE" });
  const { body } = await ask("GET", "/v1/audit?limit=5");
  const common = { address: "127.0.0.1", requestId: expect.stringMatching(/^[0-9a-f]{16}$/) };
  expect(body["events"]).toMatchObject([
    { ...common, kind: "denied", operation: "deleteTenant", status: 401, code: "unauthorized" },
    {
      ...common,
      kind: "failed",
      operation: "updateTenant",
      tenant: "nobody",
      code: "no_such_tenant",
    },
    {
      ...common,
      kind: "control",
      operation: "setQuota",
      bucket: "watched",
      detail: { asked: '{"hardBytes":7}' },
    },
    { ...common, kind: "control", operation: "createCredential", tenant: "watched", accessKeyId },
    { ...common, kind: "control", operation: "createTenant", tenant: "watched", status: 201 },
  ]);
});

test("a fresh master key goes first in its file, and every secret is sealed under it", async () => {
  const { masterKeyFile, control } = opened.parts;
  const before = readFileSync(masterKeyFile, "utf8");
  await ask("POST", "/v1/tenants", { tenant: "sealed" });
  const { accessKeyId, secretAccessKey } = await newCredential("sealed");
  const { body } = await ask("POST", "/v1/keys/rotate");
  expect(body).toMatchObject({ unopened: [], masterKey: control.state().masterKey });
  const after = readFileSync(masterKeyFile, "utf8");
  expect(after.endsWith(before)).toBe(true);
  expect(after.length).toBeGreaterThan(before.length);
  expect(control.credential(String(accessKeyId))?.secretAccessKey).toBe(secretAccessKey);
});
