import { expect, onTestFinished, test } from "vitest";
import { startGateway } from "../gateway.ts";
import { openTestParts } from "./admin-parts.test.support.ts";
import { startAdmin } from "./admin.ts";
import { adminRoutes } from "./routes.ts";
import { adminTokenDigest } from "./token.ts";

const token = "b".repeat(43);

test("nothing of the admin API is reachable on the S3 listener, and no S3 on the admin listener", async () => {
  const { parts, close } = await openTestParts();
  const common = { ...parts, host: "127.0.0.1", port: 0 };
  const gateway = await startGateway({
    ...common,
    health: () => parts.engine.health(),
    region: "us-east-1",
    statusProfile: "documented",
    upstreams: { forward: () => Promise.reject(new Error("nothing is attached")) },
  });
  const admin = await startAdmin({
    ...common,
    page: (path) => gateway.page(path),
    tokenDigest: adminTokenDigest(token),
  });
  onTestFinished(async () => {
    await Promise.all([admin.close({ graceMs: 0 }), gateway.close({ graceMs: 0 })]);
    await close();
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
  for (const [path, has] of [
    ["/healthz", '{"alive":true}'],
    ["/readyz", '"engine":"ok"'],
    ["/metrics", "# TYPE holdfast_"],
  ] as const) {
    const answer = await fetch(`${admin.endpoint}${path}`);
    expect([path, answer.status]).toEqual([path, 200]);
    expect(await answer.text()).toContain(has);
  }
});
