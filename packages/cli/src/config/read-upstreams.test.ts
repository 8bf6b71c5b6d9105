import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError } from "./config-error.ts";
import { readUpstreams } from "./read-upstreams.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-upstreams-"));
  file = join(folder, "credential.json");
  writeFileSync(file, '{"accessKeyId":"AK","secretAccessKey":"hidden"}', { mode: 0o600 });
});
afterEach(() => rmSync(folder, { recursive: true }));

const ceph = { endpoints: ["https://one", "https://two"], region: "us-east-1" };

test("a credential comes from a file or from variables, and limits are what is set", async () => {
  const ca = join(folder, "ca.pem");
  writeFileSync(ca, "PEM");
  const environment = { R2_ACCESS_KEY_ID: "B", R2_SECRET_ACCESS_KEY: "S", R2_SESSION_TOKEN: "T" };
  const upstreams = {
    ceph: { ...ceph, credentialFile: file, caFile: ca, idleTimeoutMs: 5, connectionsMax: 7 },
    r2: { ...ceph, credentialEnv: "R2" },
  };
  expect(await readUpstreams(upstreams, environment)).toMatchObject([
    {
      name: "ceph",
      endpoints: ["https://one", "https://two"],
      credentials: { accessKeyId: "AK", secretAccessKey: "hidden" },
      ca: "PEM",
      limits: { idleMs: 5, connectionsMax: 7 },
    },
    {
      name: "r2",
      credentials: { accessKeyId: "B", secretAccessKey: "S", sessionToken: "T" },
      ca: undefined,
      limits: {},
    },
  ]);
});

test.each([
  ["no credential", {}, {}, "upstreams.ceph has no credential: give it credentialFile or"],
  ["two", { credentialEnv: "A", credentialFile: "FILE" }, {}, "upstreams.ceph has two credentials"],
  ["no variable", { credentialEnv: "A" }, {}, "A_ACCESS_KEY_ID is not set, which upstreams.ceph"],
  [
    "half of it",
    { credentialEnv: "A" },
    { A_ACCESS_KEY_ID: "x" },
    "A_SECRET_ACCESS_KEY is not set",
  ],
  ["no file", { credentialFile: "NONE" }, {}, "NONE is not there: write it as"],
  [
    "no certificates",
    { credentialFile: "FILE", caFile: "NONE" },
    {},
    "NONE cannot be read (ENOENT)",
  ],
] as const)("an upstream with %s is refused", async (...[, keys, env, message]) => {
  const paths = Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [key, value === "FILE" ? file : value]),
  );
  const reading = readUpstreams({ ceph: { ...ceph, ...paths } }, env);
  await expect(reading).rejects.toThrow(message);
  await expect(reading).rejects.toBeInstanceOf(ConfigError);
});

test("a credential that others may read, or that is none, is refused without being shown", async () => {
  const read = (): Promise<unknown> =>
    readUpstreams({ ceph: { ...ceph, credentialFile: file } }, {});
  chmodSync(file, 0o644);
  await expect(read()).rejects.toThrow(
    "holds a secret access key and others may read it (mode 0644)",
  );
  chmodSync(file, 0o600);
  writeFileSync(file, '{"accessKeyId":"AK","secretAccessKey":["hidden"]}');
  const failure: unknown = await read().catch((error: unknown) => error);
  expect(String(failure)).toContain("holds no credential");
  expect(String(failure)).not.toContain("hidden");
});
