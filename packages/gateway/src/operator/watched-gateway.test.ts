import { readdir, readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { AuditRow } from "../audit/audit-event.ts";
import { Metrics } from "./metrics.ts";
import { UpstreamMeter } from "./upstream-meter.ts";
import { startWatched, tenant, type Asked, type Watched } from "./watched-gateway.test.support.ts";

let watched: Watched;

beforeEach(async () => {
  watched = await startWatched();
});

afterEach(() => watched.close());

async function rows(): Promise<readonly AuditRow[]> {
  await watched.audit.recorded();
  return (await watched.audit.query({ limit: 1000 })).rows.toReversed();
}

const done = async (asked: Promise<Response>): Promise<number> => {
  const response = await asked;
  await response.arrayBuffer();
  return response.status;
};

const metric = (line: string): number => {
  const found = watched.gateway.page("/metrics")?.body.split("\n");
  return Number(found?.find((one) => one.startsWith(`${line} `))?.slice(line.length + 1));
};

test("every write and every refusal is in the audit, a read that succeeded is not", async () => {
  const put = { method: "PUT", body: "bytes" };
  await done(watched.signed("/photos", { method: "PUT" }));
  await done(watched.signed("/photos/a%0Ab", put));
  await done(watched.signed("/photos/a%0Ab"));
  await done(watched.signed("/photos/missing"));
  await done(watched.signed("/photos/a", { credentials: { ...tenant, secretAccessKey: "wrong" } }));
  await done(fetch(`${watched.gateway.endpoint}/photos/a`));
  await done(watched.signed("/photos/a%0Ab", { method: "DELETE" }));
  const told = (await rows()).map(
    ({ kind, operation, key, tenant: whose, accessKeyId, status }) => ({
      kind,
      operation,
      key,
      whose,
      accessKeyId,
      status,
    }),
  );
  const { accessKeyId } = tenant;
  const of = { whose: "acme", accessKeyId };
  expect(told).toEqual([
    { kind: "write", operation: "CreateBucket", key: undefined, status: 200, ...of },
    { kind: "write", operation: "PutObject", key: "a\nb", status: 200, ...of },
    { kind: "failed", operation: "GetObject", key: "missing", status: 404, ...of },
    { kind: "denied", operation: "GetObject", key: "a", status: 401, ...of },
    {
      kind: "denied",
      operation: "GetObject",
      key: "a",
      status: 403,
      whose: undefined,
      accessKeyId: undefined,
    },
    { kind: "write", operation: "DeleteObject", key: "a\nb", status: 204, ...of },
  ]);
});

test("a row has the ids, the address, the code and the reason that the client and the log have", async () => {
  const response = await watched.signed("/photos/missing");
  const requestId = response.headers.get("x-amz-request-id");
  await response.arrayBuffer();
  const [row] = await rows();
  expect(row).toMatchObject({
    requestId,
    address: "127.0.0.1",
    bucket: "photos",
    code: "NoSuchBucket",
    reason: "no_such_bucket",
  });
  const [record] = watched.records;
  expect(record).toMatchObject({ requestId, code: row?.code, reason: row?.reason });
  expect(metric('holdfast_refusals_total{code="NoSuchBucket",reason="no_such_bucket"}')).toBe(1);
  expect(metric('holdfast_requests_total{operation="GetObject",status="404"}')).toBe(1);
  expect(metric('holdfast_audit_events_total{kind="failed"}')).toBe(1);
});

test.each<[what: string, bytes: string, refusal: readonly [code: string, reason: string]]>([
  ["no request", "no request\r\n\r\n", ["InvalidRequest", "malformed_request"]],
  ["a head that breaks off", "GET / HTTP/1.1\r\nhost: ", ["InvalidRequest", "malformed_request"]],
  ["a second request that is none", "GET / HTTP/1.1\r\nhost: a\r\n\r\n\0", ["InvalidRequest", "malformed_request"]], // prettier-ignore
  ["a head without an end", `GET / HTTP/1.1\r\na: ${"b".repeat(20_000)}`, ["RequestHeaderSectionTooLarge", "request_header_section_too_large"]], // prettier-ignore
])(
  "%s is in the log, the audit and the metrics, with the address and the reason",
  async (_what, bytes, [code, reason]) => {
    const socket = connect(watched.gateway.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.end(bytes);
    const answers = await readText(socket).catch(() => "");
    const [requestId] = [...answers.matchAll(/x-amz-request-id: (\S+)/gi)].at(-1)?.slice(1) ?? [];
    const told = { operation: "Unknown", address: "127.0.0.1", status: 400, code, reason };
    await expect.poll(() => watched.records.map((record) => record.code)).toContain(code);
    const last = watched.records.at(-1);
    expect(last).toMatchObject({ ...told, event: "request" });
    if (requestId !== undefined) expect(last?.requestId).toBe(requestId);
    expect((await rows()).at(-1)).toMatchObject({
      ...told,
      kind: "failed",
      requestId: last?.requestId,
    });
    expect(metric(`holdfast_refusals_total{code="${code}",reason="${reason}"}`)).toBe(1);
  },
);

test("a connection that is opened and left alone is no request", async () => {
  const socket = connect(watched.gateway.port, "127.0.0.1");
  socket.end();
  await readText(socket).catch(() => "");
  await done(watched.signed("/"));
  expect(watched.records.map(({ operation }) => operation)).toEqual(["ListBuckets"]);
});

test("what was answered before a stop is in the audit after it", async () => {
  await watched.engine.createBucket("photos");
  const keys = Array.from({ length: 200 }, (_, index) => `key-${index}`);
  const puts = keys.map((key) =>
    done(watched.signed(`/photos/${key}`, { method: "PUT", body: "x" })),
  );
  await Promise.race(puts);
  await watched.gateway.close({ graceMs: 5000 });
  const answered = (await Promise.allSettled(puts)).flatMap((put, index) =>
    put.status === "fulfilled" && put.value === 200 ? [keys[index]] : [],
  );
  await watched.audit.close();
  const names = await readdir(watched.auditDirectory);
  const text = await readFile(join(watched.auditDirectory, names[0] ?? ""), "utf8");
  const lines = text.split("\n").slice(0, -1);
  const audited = new Set(lines.map((line) => JSON.parse(line).key));
  expect(answered.length).toBeGreaterThan(0);
  expect(answered.filter((key) => !audited.has(key))).toEqual([]);
});

test("requests in flight are counted while they are, and bytes of both ways once they were", async () => {
  await watched.engine.createBucket("photos");
  const socket = connect(watched.gateway.port, "127.0.0.1");
  const path = watched.presigned("/photos/a");
  socket.write(`PUT ${path} HTTP/1.1\r\nhost: 127.0.0.1:${watched.gateway.port}\r\n\r\n`);
  await expect.poll(() => watched.records.length).toBe(1);
  socket.destroy();
  expect(metric("holdfast_requests_in_flight")).toBe(0);
  await done(watched.signed("/photos/a", { method: "PUT", body: "12345" }));
  await done(watched.signed("/photos/a"));
  // The object is counted once its file is closed, which its reader does not wait for.
  await expect.poll(() => watched.records.length).toBe(3);
  expect(metric('holdfast_request_bytes_total{operation="PutObject"}')).toBe(5);
  expect(metric('holdfast_response_bytes_total{operation="GetObject"}')).toBe(5);
  expect(metric('holdfast_request_duration_seconds_count{operation="GetObject"}')).toBe(1);
  expect(metric("process_resident_memory_bytes")).toBeGreaterThan(1e6);
  expect(metric('holdfast_event_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0);
});

async function everythingShown(): Promise<Readonly<Record<"audit" | "log" | "metrics", string>>> {
  await watched.audit.recorded();
  const names = await readdir(watched.auditDirectory);
  const files = names.map((name) => readFile(join(watched.auditDirectory, name), "utf8"));
  return {
    log: JSON.stringify(watched.records),
    audit: (await Promise.all(files)).join(""),
    metrics: watched.gateway.page("/metrics")?.body ?? "",
  };
}

/** Requests that have a secret in each place that a request has. */
function requestsWith(secret: string): readonly (readonly [string, Asked])[] {
  const escaped = encodeURIComponent(secret);
  return [
    [`/bucket/${escaped}`, {}],
    [`/bucket/a/${escaped}/b`, { method: "PUT", body: secret }],
    [`/${escaped}/key`, {}],
    [`/bucket?prefix=${escaped}`, {}],
    [`/bucket?${escaped}=1`, {}],
    [`/bucket/key?uploadId=${escaped}`, {}],
    [`/bucket/key`, { method: "PUT", headers: { "x-amz-copy-source": `/bucket/${escaped}` } }],
    [`/bucket/key`, { method: "PUT", headers: { "x-amz-meta-a": secret, "user-agent": secret } }],
    [`/bucket/key`, { headers: { "x-amz-expected-bucket-owner": secret } }],
    [`/bucket/key`, { headers: { "if-match": secret, range: secret } }],
    [`/bucket/key`, { credentials: { ...tenant, accessKeyId: secret } }],
    [`/bucket/key`, { credentials: { ...tenant, secretAccessKey: secret.slice(1) } }],
    [
      `/bucket?delete`,
      { method: "POST", body: `<Delete><Object><Key>${secret}</Key></Object></Delete>` },
    ],
  ];
}

test("a secret, a signature and a token, wherever a request has them, are in no log line, no audit row and no metric", async () => {
  const sessionToken = "FwoGZXIvYXdzEBYaDH-token+of=a_session==";
  const temporary = { ...tenant, accessKeyId: "ASIDEXAMPLE0123456", sessionToken };
  watched.control.add(temporary);
  const headers = new Headers();
  const secrets = [tenant.secretAccessKey, sessionToken];
  await watched.engine.createBucket("bucket");
  let asked = 0;
  for (const secret of secrets) {
    for (const [target, one] of requestsWith(secret)) {
      // A token is known as one by the request that has it, and by the credential that it belongs to.
      const others = secret === sessionToken ? [] : [tenant];
      for (const credentials of [...others, one.credentials ?? temporary, temporary]) {
        await done(watched.signed(target, { ...one, credentials }));
        asked += 1;
      }
    }
  }
  const presigned = watched.presigned("/bucket/key");
  const presignature = /X-Amz-Signature=(\w+)/.exec(presigned)?.[1] ?? "";
  const query = presigned.slice(presigned.indexOf("?"));
  const hosts = [`/bucket/${presignature}${query}`, `/${presignature}${query}`, presigned];
  for (const target of hosts) await done(fetch(`${watched.gateway.endpoint}${target}`));
  headers.set(
    "authorization",
    `AWS4-HMAC-SHA256 Credential=${tenant.accessKeyId}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=${presignature}`,
  );
  expect(presignature).toHaveLength(64);
  await done(fetch(`${watched.gateway.endpoint}/bucket/x${presignature}`, { headers }));
  await expect.poll(() => watched.records.length).toBe(asked + hosts.length + 1);
  const shown = await everythingShown();
  expect(shown.audit.split("\n").length).toBeGreaterThan(asked / 2);
  for (const secret of [...secrets, presignature]) {
    for (const form of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
      const found = Object.entries(shown).filter(([, text]) => text.includes(form));
      expect(found.map(([name]) => name)).toEqual([]);
    }
  }
});

test("whoever looks can tell that the process answers, which parts are well, and nothing else of them", async () => {
  expect(watched.gateway.page("/healthz")).toMatchObject({ status: 200 });
  const ready = (): unknown => {
    const page = watched.gateway.page("/readyz");
    return [page?.status, JSON.parse(page?.body ?? "")];
  };
  const parts = { listener: "ok", engine: "ok", audit: "ok" };
  expect(ready()).toEqual([200, { ready: true, parts }]);
  expect(metric('holdfast_ready{part="engine"}')).toBe(1);
  watched.health = { writable: false, reason: "sync_failed", passing: false, syncFailures: 1 };
  expect(ready()).toEqual([503, { ready: false, parts: { ...parts, engine: "failed" } }]);
  expect(metric('holdfast_ready{part="engine"}')).toBe(0);
  expect(watched.gateway.page("/other")).toBeUndefined();
  await watched.gateway.close({ graceMs: 0 });
  expect(ready()).toMatchObject([503, { parts: { listener: "failed" } }]);
});

test("a vital part that fails or throws makes the gateway unready, one upstream of several does not", async () => {
  let isReadable = true;
  const other = await startWatched({
    checks: [
      {
        part: "control",
        isVital: true,
        isWell: () => {
          if (!isReadable) throw new Error("disk I/O error in /secret/path");
          return true;
        },
      },
      { part: "upstream ceph", isVital: false, isWell: () => false },
    ],
  });
  const page = (): unknown => {
    const { status, body } = other.gateway.page("/readyz") ?? {};
    return [status, JSON.parse(body ?? "").parts];
  };
  const well = { listener: "ok", engine: "ok", audit: "ok", "upstream ceph": "failed" };
  expect(page()).toEqual([200, { ...well, control: "ok" }]);
  isReadable = false;
  expect(page()).toEqual([503, { ...well, control: "failed" }]);
  await other.close();
});

test("an upstream is down from a request that it did not answer until one that it did, and the gateway is ready meanwhile", async () => {
  const metrics = new Metrics();
  const upstreams = new UpstreamMeter(metrics, ["ceph"]);
  const other = await startWatched({ metrics, checks: upstreams.checks });
  const ready = (): unknown => {
    const { status, body } = other.gateway.page("/readyz") ?? {};
    return [status, JSON.parse(body ?? "").parts["upstream ceph"]];
  };
  expect(ready()).toEqual([200, "ok"]);
  const tried = { upstream: "ceph", durationMs: 3 };
  upstreams.told({ ...tried, failure: "timeout" });
  upstreams.told({ ...tried, upstream: "of nobody", failure: "timeout" });
  expect(ready()).toEqual([200, "failed"]);
  const lines = metrics.text().split("\n");
  expect(lines).toContain('holdfast_upstream_up{upstream="ceph"} 0');
  const failures = lines.filter((line) => line.startsWith("holdfast_upstream_failures_total"));
  expect(failures).toEqual(['holdfast_upstream_failures_total{upstream="ceph",kind="timeout"} 1']);
  upstreams.told({ ...tried, failure: undefined });
  expect(ready()).toEqual([200, "ok"]);
  expect(metrics.text()).toContain('holdfast_upstream_duration_seconds_count{upstream="ceph"} 1\n');
  await other.close();
});
