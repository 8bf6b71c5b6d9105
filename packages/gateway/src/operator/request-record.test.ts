import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, type OpenEngine } from "@holdfast/engine";
import { presign, signRequest } from "@holdfast/protocol";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Control } from "../access/control.ts";
import type { Credential } from "../access/credential.ts";
import { rootControl } from "../access/root-control.ts";
import { startGateway } from "../gateway.ts";
import type { Gateway, RequestRecord } from "../options.ts";

const root = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI+K7MDENG-bPxRfiCYEXAMPLE",
};
const region = "us-east-1";

let directory: string;
let engine: OpenEngine;
let gateway: Gateway;
const records: RequestRecord[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-record-"));
  engine = await openEngine({ directory });
  const plain = rootControl(root);
  const credential = plain.credential(root.accessKeyId);
  const acme: Credential | undefined = credential && { ...credential, tenant: "acme" };
  const control: Control = {
    ...plain,
    credential: (id) => (id === root.accessKeyId ? acme : undefined),
  };
  gateway = await startGateway({
    engine,
    control,
    region,
    statusProfile: "documented",
    host: "127.0.0.1",
    port: 0,
    log: (record) => records.push(record),
  });
});

afterAll(async () => {
  await gateway.close({ graceMs: 0 });
  await engine.close();
  await rm(directory, { recursive: true });
});

beforeEach(() => {
  records.length = 0;
});

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials?: typeof root;
}

/** What the log has of a signed request, once it was answered. */
async function recordOf(target: string, asked: Asked = {}): Promise<RequestRecord> {
  const { method = "GET", credentials = root, headers: own = {} } = asked;
  const host = `127.0.0.1:${gateway.port}`;
  const headers = signRequest(
    { method, target, headers: { ...own, host } },
    { credentials, region, now: Date.now(), payload: "UNSIGNED-PAYLOAD" },
  );
  await (await fetch(`${gateway.endpoint}${target}`, { method, headers })).arrayBuffer();
  await expect.poll(() => records.length).toBe(1);
  const [record] = records;
  if (record === undefined) throw new Error("no record");
  return record;
}

test("a record says who asked, from where, when and what came of it", async () => {
  const before = Date.now();
  const record = await recordOf("/none/a%20key");
  expect(record).toMatchObject({
    address: "127.0.0.1",
    operation: "GetObject",
    bucket: "none",
    key: "a key",
    principal: "credential",
    accessKeyId: root.accessKeyId,
    tenant: "acme",
    status: 404,
    code: "NoSuchBucket",
  });
  expect(record.time).toBeGreaterThanOrEqual(before);
  expect(record.requestId).toMatch(/^[0-9A-F]{32}$/);
});

test("a record of who failed to prove it names the credential and its tenant, and no principal", async () => {
  const secretAccessKey = "another secret than that";
  const record = await recordOf("/none/k", { credentials: { ...root, secretAccessKey } });
  expect(record.principal).toBeUndefined();
  expect(record).toMatchObject({ accessKeyId: root.accessKeyId, tenant: "acme", bucket: "none" });
  expect(record.status).toBeGreaterThanOrEqual(401);
});

test("an unknown id that could be a secret is told by its hash", async () => {
  const accessKeyId = root.secretAccessKey;
  const record = await recordOf("/none/k", { credentials: { ...root, accessKeyId } });
  const hash = createHash("sha256").update(accessKeyId).digest("hex").slice(0, 16);
  expect(record.accessKeyId).toBe(`sha256:${hash}`);
});

test("an unknown id in the form of an id is shown", async () => {
  const accessKeyId = "AKIA0123456789ABCDEF";
  const record = await recordOf("/none/k", { credentials: { ...root, accessKeyId } });
  expect(record.accessKeyId).toBe(accessKeyId);
});

test("what a copy copies stands in its record, without the version or what a header could hide", async () => {
  const record = await recordOf("/none/to", {
    method: "PUT",
    headers: { "x-amz-copy-source": "/from/a%2Fb?versionId=null" },
  });
  expect(record.copySource).toBe("/from/a/b");
});

test("a secret, a signature or a token that stands in a key or a copy's source is marked", async () => {
  const { secretAccessKey: secret } = root;
  const copySource = `/from/${encodeURIComponent(secret)}`;
  const copy = { method: "PUT", headers: { "x-amz-copy-source": copySource } };
  expect((await recordOf(`/none/to`, copy)).copySource).toBe("/from/[secret]");
  records.length = 0;
  expect((await recordOf(`/none/x${encodeURIComponent(secret)}y`)).key).toBe("x[secret]y");
  records.length = 0;
  const host = `127.0.0.1:${gateway.port}`;
  const target = presign(
    { method: "GET", target: "/none/key", headers: { host } },
    { credentials: root, region, now: Date.now(), expiresSeconds: 60 },
  );
  const signature = /Signature=(\w+)/.exec(target)?.[1] ?? "";
  expect(signature).toHaveLength(64);
  await fetch(`${gateway.endpoint}${target.replace("/none/key", `/none/${signature}`)}`);
  await expect.poll(() => records[0]?.key).toBe("[secret]");
  expect(JSON.stringify(records)).not.toContain(signature);
});
