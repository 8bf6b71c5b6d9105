import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "@holdfast/engine";
import { expect, onTestFinished, test } from "vitest";
import { rootControl } from "../access/root-control.ts";
import { startGateway } from "../gateway.ts";
import { startAdmin } from "./admin.ts";
import { adminRoutes } from "./routes.ts";
import { adminTokenDigest } from "./token.ts";

const token = "b".repeat(43);

test("nothing of the admin API is reachable on the S3 listener, and no S3 on the admin listener", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-listeners-"));
  const engine = await openEngine({ directory });
  const common = { host: "127.0.0.1", port: 0, health: () => engine.health() };
  const gateway = await startGateway({
    ...common,
    engine,
    control: rootControl({ accessKeyId: "nobody", secretAccessKey: "nothing" }),
    region: "us-east-1",
    statusProfile: "documented",
  });
  const admin = await startAdmin({ ...common, tokenDigest: adminTokenDigest(token) });
  onTestFinished(async () => {
    await Promise.all([admin.close({ graceMs: 0 }), gateway.close({ graceMs: 0 })]);
    await engine.close();
    await rm(directory, { recursive: true });
  });
  const headers = { authorization: `Bearer ${token}` };
  for (const { method, pattern } of adminRoutes) {
    const answer = await fetch(`${gateway.endpoint}${pattern}`, { method, headers });
    expect([pattern, answer.ok]).toEqual([pattern, false]);
    expect(await answer.text()).toMatch(/<Error><Code>\w+<\/Code>/);
  }
  for (const path of ["/", "/bucket/key", "/-/health", "/-/metrics"]) {
    const answer = await fetch(`${admin.endpoint}${path}`, { headers });
    expect([path, answer.status]).toEqual([path, 404]);
    expect(await answer.text()).toContain('"no_such_path"');
  }
  expect((await fetch(`${admin.endpoint}/healthz`)).status).toBe(200);
});
