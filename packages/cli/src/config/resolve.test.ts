import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigError } from "./config-error.ts";
import { resolveSettings } from "./resolve.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(text: string): string {
  files += 1;
  const path = join(folder, `${files}.yaml`);
  writeFileSync(path, text);
  return path;
}

async function refused(text: string): Promise<string> {
  const path = file(text);
  const error: unknown = await resolveSettings(new Map([["config", path]]), {}).catch(
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return error instanceof ConfigError ? error.message.replaceAll(path, "FILE") : "";
}

test("without any source every setting has its default", async () => {
  expect(await resolveSettings(new Map(), {})).toEqual({
    data: "./holdfast-data",
    listen: { host: "127.0.0.1", port: 9000 },
    adminListen: { host: "127.0.0.1", port: 0 },
    adminHosts: [],
    statusProfile: "documented",
    scrubRate: 16,
    scrubEvery: 168,
    uploadDays: 7,
    upstreams: {},
    limits: {},
    audit: {},
    trustedProxies: [],
    anonymous: true,
    controlDatabase: undefined,
    masterKeyFile: undefined,
    to: undefined,
    admin: undefined,
    tokenFile: undefined,
    tls: {},
    tlsCertificate: undefined,
    tlsKey: undefined,
    caFile: undefined,
    region: "us-east-1",
    buckets: [],
    config: undefined,
    rootAccessKeyId: undefined,
    rootSecretAccessKey: undefined,
  });
});

test("the first of flag, environment, file and default that has a setting gives it", async () => {
  const source = fc.option(fc.stringMatching(/^[a-z0-9-]{1,64}$/), { nil: undefined });
  const property = fc.asyncProperty(source, source, source, async (flag, variable, inFile) => {
    const path = file(inFile === undefined ? "" : `region: "${inFile}"`);
    const flags = new Map(flag === undefined ? [] : [["region", flag]]).set("config", path);
    const { region } = await resolveSettings(flags, { HOLDFAST_REGION: variable });
    expect(region).toBe(flag ?? variable ?? inFile ?? "us-east-1");
  });
  await fc.assert(property);
});

test("an empty variable counts as unset", async () => {
  const settings = await resolveSettings(new Map(), {
    HOLDFAST_LISTEN: "",
    HOLDFAST_ROOT_ACCESS_KEY_ID: "",
  });
  expect(settings.listen.port).toBe(9000);
});

test("the file may be YAML or JSON and is named by flag or environment", async () => {
  const yaml = file("# where\nlisten: '[::1]:7'\nbuckets:\n  - one\n  - two\n");
  const json = file('{"listen": "[::1]:7", "buckets": "one, two"}');
  for (const path of [yaml, json]) {
    const byFlag = await resolveSettings(new Map([["config", path]]), {});
    const byVariable = await resolveSettings(new Map(), { HOLDFAST_CONFIG: path });
    expect(byFlag).toEqual(byVariable);
    expect(byFlag).toMatchObject({ listen: { host: "::1", port: 7 }, buckets: ["one", "two"] });
  }
});

test("an empty file sets nothing", async () => {
  for (const text of ["", "# only a comment\n", "~\n", "{}"]) {
    const settings = await resolveSettings(new Map([["config", file(text)]]), {});
    expect(settings.data).toBe("./holdfast-data");
  }
});

test("a data directory in a file is meant from where the file stands", async () => {
  const settings = await resolveSettings(new Map([["config", file("data: here")]]), {});
  expect(settings.data).toBe(join(folder, "here"));
});

test("a rate and a time are numbers that are not negative, from text and from a file alike", async () => {
  const text = await resolveSettings(new Map([["scrub-rate", "0.5"]]), {
    HOLDFAST_UPLOAD_DAYS: "0",
  });
  expect([text.scrubRate, text.uploadDays]).toEqual([0.5, 0]);
  for (const rate of ["-1", "1e9", "fast", "Infinity", "0x10"]) {
    await expect(resolveSettings(new Map([["scrub-rate", rate]]), {})).rejects.toThrow(
      "--scrub-rate",
    );
  }
});

test("an unknown key is refused with its place and the nearest known one", async () => {
  expect(await refused("data: x\n\n  \nlissten: 127.0.0.1:1\n")).toBe(
    '"lissten" at FILE:4:1 is not a setting: did you mean listen; known are data, listen, adminListen, adminHosts, statusProfile, tls, region, buckets, scrubRate, scrubEvery, uploadDays, upstreams, limits, audit, trustedProxies, anonymous, controlDatabase, masterKeyFile.',
  );
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty", "config", "é", "1"])(
  "%s is not a setting of a file",
  async (key) => {
    expect(await refused(`${key}: x`)).toContain(`"${key}" at FILE:1:1 is not a setting`);
  },
);

test("a root credential is not taken from a file", async () => {
  expect(await refused("rootSecretAccessKey: hunter2hunter2")).not.toContain("hunter2");
});

test("each wrong value is named with its place and what it must be", async () => {
  expect(await refused("region: UP\nlisten: 9000\n")).toBe(
    'listen in FILE:2:1 is 9000 and region in FILE:1:1 is "UP": listen in FILE:2:1 must be HOST:PORT, such as 127.0.0.1:9000 or [::1]:9000; region in FILE:1:1 must be 1 to 64 letters a-z, digits and hyphens.',
  );
  expect(await refused("statusProfile: [aws]")).toContain('is ["aws"]');
  expect(await refused("buckets: [ok-bucket, 1]")).toContain("buckets in FILE:1:1");
  expect(await refused('data: ""')).toContain("the path of a directory");
});

test("text that is no mapping of settings is refused with its place", async () => {
  expect(await refused("- data\n")).toContain("FILE holds no settings by name");
  expect(await refused("data: [\n")).toContain("is not valid YAML or JSON");
  expect(await refused("data: a\ndata: b\n")).toContain("FILE:2:1 is not valid YAML or JSON");
  expect(await refused("? [a]\n: b\n")).toContain("is not a setting");
});

test("aliases that multiply are refused, not expanded", async () => {
  const levels = Array.from({ length: 30 }, (_, level) =>
    level === 0 ? "&a0 [x]" : `&a${level} [*a${level - 1}, *a${level - 1}]`,
  );
  expect(await refused(`buckets: [${levels.join(", ")}]`)).toContain("FILE");
});

test("a file that is missing, too large or a directory is refused by name", async () => {
  for (const path of [join(folder, "none.yaml"), file("#".repeat(1024 ** 2 + 1)), folder]) {
    const resolving = resolveSettings(new Map([["config", path]]), {});
    await expect(resolving).rejects.toThrow(path);
    await expect(resolving).rejects.toBeInstanceOf(ConfigError);
  }
});

test("a wrong flag or variable is named as the user wrote it", async () => {
  await expect(resolveSettings(new Map([["listen", "nowhere"]]), {})).rejects.toThrow(
    '--listen is "nowhere": it must be HOST:PORT',
  );
  await expect(resolveSettings(new Map(), { HOLDFAST_STATUS_PROFILE: "azure" })).rejects.toThrow(
    'HOLDFAST_STATUS_PROFILE is "azure": it must be one of documented, aws.',
  );
});

test("half a root credential, or a malformed one, is refused without showing it", async () => {
  const id = { HOLDFAST_ROOT_ACCESS_KEY_ID: "admin" };
  const secret = { HOLDFAST_ROOT_SECRET_ACCESS_KEY: "correct horse" };
  const short = { HOLDFAST_ROOT_SECRET_ACCESS_KEY: "hunter2" };
  await expect(resolveSettings(new Map(), id)).rejects.toThrow("set both");
  await expect(resolveSettings(new Map(), secret)).rejects.toThrow("set both");
  await expect(resolveSettings(new Map(), { ...id, ...short })).rejects.toThrow(
    /^(?!.*hunter2).*HOLDFAST_ROOT_SECRET_ACCESS_KEY is malformed/,
  );
  expect(await resolveSettings(new Map(), { ...id, ...secret })).toMatchObject({
    rootAccessKeyId: "admin",
    rootSecretAccessKey: "correct horse",
  });
});

test("resolving changes nothing on disk", async () => {
  await resolveSettings(new Map([["data", join(folder, "new")]]), {});
  expect(readdirSync(folder)).not.toContain("new");
});

test("upstreams, limits and the audit are read below their names, and paths are meant from the file", async () => {
  const path = file(`
upstreams:
  ceph:
    endpoints: [https://one.example.com, "http://127.0.0.1:7480"]
    credentialFile: ceph.json
    caFile: /etc/ca.pem
    connectionsMax: 8
  r2:
    endpoints: https://r2.example.com
    region: auto
    credentialEnv: R2
limits: { requestsPerSecond: 100, addressFailuresPerSecond: 0.5, credentialConcurrency: 8 }
audit: { retentionDays: 365, sizeMax: 1.5GiB, reads: true }
trustedProxies: 10.0.0.0/8, ::1
anonymous: false
masterKeyFile: keys
tls: { certificate: s3.pem, key: /etc/s3.key }
`);
  const settings = await resolveSettings(new Map([["config", path]]), {});
  expect(settings).toMatchObject({
    upstreams: {
      ceph: {
        endpoints: ["https://one.example.com", "http://127.0.0.1:7480"],
        region: "us-east-1",
        credentialFile: join(folder, "ceph.json"),
        caFile: "/etc/ca.pem",
        connectionsMax: 8,
      },
      r2: { endpoints: ["https://r2.example.com"], region: "auto", credentialEnv: "R2" },
    },
    limits: { requestsPerSecond: 100, addressFailuresPerSecond: 0.5, credentialConcurrency: 8 },
    audit: { retentionDays: 365, sizeMax: 1.5 * 1024 ** 3, reads: true },
    trustedProxies: ["10.0.0.0/8", "::1"],
    anonymous: false,
    masterKeyFile: join(folder, "keys"),
    tls: { certificate: join(folder, "s3.pem"), key: "/etc/s3.key" },
  });
});

test.each([
  [
    "limits:\n  requestPerSecond: 1\n",
    '"requestPerSecond" at FILE:2:3 is no key of limits: did you mean requestsPerSecond; known are requestsPerSecond, addressRequestsPerSecond, addressFailuresPerSecond, credentialRequestsPerSecond, credentialConcurrency.',
  ],
  [
    "limits:\n  requestsPerSecond: 0\n",
    "limits.requestsPerSecond in FILE:2:3 is malformed: it must be a number above 0.",
  ],
  [
    "upstreams:\n  ceph:\n    endpont: https://a\n",
    '"endpont" at FILE:3:5 is no key of upstreams.ceph: did you mean endpoints; known are ',
  ],
  [
    "upstreams:\n  ceph:\n    region: a\n",
    "upstreams.ceph.endpoints is missing: it must be https://HOST or http://HOST:PORT",
  ],
  [
    "upstreams:\n  ceph:\n    endpoints: https://user:secret@a\n",
    "upstreams.ceph.endpoints in FILE:3:5 is malformed: it must be https://HOST",
  ],
  [
    "upstreams:\n  ceph:\n    endpoints: https://a/path\n",
    "upstreams.ceph.endpoints in FILE:3:5 is malformed",
  ],
  ["upstreams:\n  Ceph:\n    endpoints: https://a\n", "upstreams in FILE:1:1 is malformed"],
  [
    "audit:\n  sizeMax: 1KiB\n",
    "audit.sizeMax in FILE:2:3 is malformed: it must be a size with its unit, such as 8GiB, 500MB or 1024B, of 1 MiB or more.",
  ],
  ["audit:\n  sizeMax: 10\n", "audit.sizeMax in FILE:2:3 is malformed"],
  ["audit:\n  reads: all\n", "audit.reads in FILE:2:3 is malformed: it must be true or false."],
  ["upstreams: none\n", "upstreams in FILE:1:1 is malformed: it must be upstreams below their"],
  ["upstreams: [secret]\n", "upstreams in FILE:1:1 is malformed"],
  ["trustedProxies: proxy\n", 'trustedProxies in FILE:1:1 is "proxy": it must be addresses and'],
  ["trustedProxies: [10.0.0.0/33]\n", "it must be addresses and networks such as 10.0.0.0/8"],
  ["anonymous: perhaps\n", 'anonymous in FILE:1:1 is "perhaps": it must be true or false.'],
])("the file %j is refused and says where", async (text, message) => {
  const said = await refused(text);
  expect(said).toContain(message);
  expect(said).not.toContain("secret");
});
