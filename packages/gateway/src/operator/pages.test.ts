import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine, type Health, type OpenEngine } from "@holdfast/engine";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rootControl } from "../access/root-control.ts";
import { startGateway } from "../gateway.ts";
import type { Gateway } from "../options.ts";

let directory: string;
let engine: OpenEngine;
let gateway: Gateway;
let health: Health;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-operator-"));
  engine = await openEngine({ directory });
  health = engine.health();
  gateway = await startGateway({
    engine,
    health: () => health,
    control: rootControl({ accessKeyId: "nobody", secretAccessKey: "nothing" }),
    region: "us-east-1",
    statusProfile: "documented",
    host: "127.0.0.1",
    port: 0,
  });
});

afterEach(async () => {
  await gateway.close({ graceMs: 0 });
  await engine.close();
  await rm(directory, { recursive: true });
});

const ask = (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`${gateway.endpoint}${path}`, init);

test("health says that writes are taken, and without a signature", async () => {
  const answer = await ask("/-/health");
  expect([answer.status, await answer.json()]).toEqual([200, { writable: true, syncFailures: 0 }]);
});

test("health says why writes are not taken, and whether that passes", async () => {
  const cause = Object.assign(new Error("no space in /secret/path"), { code: "ENOSPC" });
  health = { writable: false, reason: "disk_full", passing: true, cause, syncFailures: 0 };
  const answer = await ask("/-/health");
  const said = {
    writable: false,
    reason: "disk_full",
    passing: true,
    errno: "ENOSPC",
    syncFailures: 0,
  };
  expect([answer.status, await answer.json()]).toEqual([503, said]);
  expect((await ask("/-/health", { method: "HEAD" })).status).toBe(503);
});

test("metrics count refusals by code and reason", async () => {
  await ask("/bucket/key");
  await ask("/bucket/key");
  const text = await (await ask("/-/metrics")).text();
  expect(text).toMatch(/^holdfast_writable 1$/m);
  expect(text).toMatch(/^holdfast_sync_failures_total 0$/m);
  expect(text).toMatch(/^holdfast_connections [1-9]/m);
  expect(text).toMatch(/^holdfast_refusals_total\{code="\w+",reason="\w*"\} 2$/m);
});

test.each([
  ["localhost:9000", 200],
  ["127.0.0.1", 200],
  ["[::1]:9000", 200],
  ["s3.example.com", 400],
  ["127.0.0.1.example.com", 400],
  ["localhost.example.com:9000", 400],
])("metrics asked for under the name %s are answered with %i", async (host, status) => {
  const { port } = gateway;
  const answered = new Promise<number | undefined>((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path: "/-/metrics", headers: { host } });
    request.on("error", reject);
    request.on("response", (response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });
  expect(await answered).toBe(status);
});

test.each([
  ["another method", "/-/health", { method: "PUT" }],
  ["a body", "/-/health", { method: "POST", body: "x" }],
  ["a query", "/-/health?x", {}],
  [
    "metrics for somebody behind a proxy",
    "/-/metrics",
    { headers: { "x-forwarded-for": "192.0.2.1" } },
  ],
  ["any other page", "/-/other", {}],
])("%s is refused as any request is", async (_, path, init) => {
  const answer = await ask(path, init);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.headers.get("content-type")).toBe("application/xml");
});

test.each([
  ["two Host headers", "Host: localhost\r\nHost: 127.0.0.1\r\n"],
  ["no Host header", ""],
  ["an expectation that nobody knows", "Host: localhost\r\nExpect: cake\r\n"],
  ["more headers than anyone needs", `Host: localhost\r\n${"x-a: b\r\n".repeat(200)}`],
])("health asked for with %s is refused, and the connection ends", async (_, headers) => {
  const socket = connect(gateway.port, "127.0.0.1");
  socket.write(`GET /-/health HTTP/1.1\r\n${headers}\r\n`);
  let answer = "";
  for await (const bytes of socket) answer += String(bytes);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answer.toLowerCase()).toContain("\r\nconnection: close\r\n");
});
