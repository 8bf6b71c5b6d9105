import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run, serve, temporaryFolder, type Options } from "./holdfast.ts";

/** Runs `serve` on a new directory: one sentence on stderr, exit 2, and nothing was made. */
async function refused(args: readonly string[], options: Options = {}): Promise<string> {
  const folder = temporaryFolder();
  const data = join(folder, "data");
  const { status, stdout, stderr } = await run(["serve", "--data", data, ...args], {
    ...options,
    cwd: folder,
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toMatch(/^holdfast: [^\n]+: [^\n]+\.\n$/);
  expect(readdirSync(folder)).toEqual([]);
  return stderr;
}

interface Wrong {
  readonly what: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly message: string;
}

const wrong: readonly Wrong[] = [
  { what: "an unknown option", args: ["--port", "1"], message: '"--port"' },
  { what: "an option without value", args: ["--listen"], message: "--listen needs a value" },
  { what: "an address without host", args: ["--listen", ":9000"], message: "HOST:PORT" },
  { what: "a foreign address", args: ["--listen", "192.0.2.1:0"], message: "no address of this" },
  { what: "an unknown profile", args: ["--status-profile", "gcs"], message: "documented, aws" },
  { what: "a bad bucket name", env: { HOLDFAST_BUCKETS: "A" }, message: "HOLDFAST_BUCKETS" },
  { what: "an IP address as bucket", args: ["--buckets", "10.0.0.1"], message: "--buckets" },
  { what: "a missing file", args: ["--config", "no.yaml"], message: "no.yaml cannot be read (ENO" },
  {
    what: "half a credential",
    env: { HOLDFAST_ROOT_ACCESS_KEY_ID: "abc" },
    message: "HOLDFAST_ROOT_SECRET_ACCESS_KEY is not",
  },
  {
    what: "a lenient parser",
    env: { NODE_OPTIONS: "--insecure-http-parser" },
    message: "NODE_OPTIONS",
  },
];

test.each(wrong)("$what is refused and nothing is made", async ({ args = [], env, message }) => {
  expect(await refused(args, env === undefined ? {} : { env })).toContain(message);
});

test("a config key that is not known is refused with the nearest one and its place", async () => {
  const file = join(temporaryFolder(), "holdfast.yaml");
  writeFileSync(file, "data: here\nlistn: 127.0.0.1:0\n");
  const stderr = await refused([], { env: { HOLDFAST_CONFIG: file } });
  expect(stderr).toContain(`"listn" at ${file}:2:1 is not a setting: did you mean listen`);
});

test("a port in use is refused, and the data directory is not made", async () => {
  const first = await serve(["--data", join(temporaryFolder(), "data")]);
  const { host } = new URL(first.endpoint);
  expect(await refused(["--listen", host])).toContain(`${host} is in use by another process`);
});

test("a data directory in use is refused, and its server goes on", async () => {
  const data = join(temporaryFolder(), "data");
  const first = await serve(["--data", data]);
  const before = readdirSync(data).toSorted();
  const second = await run(["serve", "--data", data, "--listen", "127.0.0.1:0"]);
  expect(second).toMatchObject({ status: 2, stdout: "" });
  expect(second.stderr).toMatch(/^holdfast: [^\n]+ in use [^\n]+\.\n$/);
  expect(readdirSync(data).toSorted()).toEqual(before);
  expect((await fetch(first.endpoint)).status).toBe(403);
});

test("a data directory that is a file is refused", async () => {
  const path = join(temporaryFolder(), "file");
  writeFileSync(path, "");
  for (const data of [path, join(path, "below")]) {
    const { status, stderr } = await run(["serve", "--data", data, "--listen", "127.0.0.1:0"]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: `holdfast: The data directory ${data} is no directory: choose another path with --data.\n`,
    });
  }
});

test("a root credential that others may read is refused before anything is opened", async () => {
  const data = join(temporaryFolder(), "data");
  mkdirSync(data);
  const path = join(data, "root-credential.json");
  writeFileSync(path, "{}");
  chmodSync(path, 0o644);
  const { status, stderr } = await run(["serve", "--data", data, "--listen", "127.0.0.1:0"]);
  expect(status).toBe(2);
  expect(stderr).toContain(`run chmod 600 ${path}`);
  expect(readdirSync(data)).toEqual(["root-credential.json"]);
  expect(existsSync(join(data, "endpoint.json"))).toBe(false);
});
