import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bin, run, serve, temporaryFolder } from "./holdfast.ts";

const names = [
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_ENDPOINT_URL_S3",
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
];

/** What a shell has after `eval "$(holdfast env ...)"`. */
function evaluated(data: string, env: Readonly<Record<string, string>> = {}): string[] {
  const { PATH = "" } = process.env;
  const script = `eval "$('${process.execPath}' '${bin}' env --data '${data}')"
printf '%s\\n' ${names.map((name) => `"$${name}"`).join(" ")} "\${AWS_PROFILE-}\${AWS_SESSION_TOKEN-}\${AWS_CA_BUNDLE-}"`;
  return execFileSync("/bin/sh", ["-c", script], { encoding: "utf8", env: { PATH, ...env } }).split(
    "\n",
  );
}

test("a shell that evaluates it reaches the running server, whatever its port", async () => {
  const data = join(temporaryFolder(), "data");
  const server = await serve(["--data", data, "--region", "eu-west-3"]);
  const kept: Readonly<Record<string, string>> = JSON.parse(
    readFileSync(join(data, "root-credential.json"), "utf8"),
  );
  const stale = { AWS_PROFILE: "work", AWS_SESSION_TOKEN: "old", AWS_CA_BUNDLE: "/none.pem" };
  expect(evaluated(data, stale).slice(0, -1)).toEqual([
    kept["accessKeyId"],
    kept["secretAccessKey"],
    server.endpoint,
    "eu-west-3",
    "eu-west-3",
    "",
  ]);
});

test("a preset secret survives the shell, whatever it is made of", async () => {
  const data = join(temporaryFolder(), "data");
  const env = {
    HOLDFAST_ROOT_ACCESS_KEY_ID: "admin",
    HOLDFAST_ROOT_SECRET_ACCESS_KEY: `'"$HOME\`id\`\\ !x`,
  };
  await serve(["--data", data], { env });
  expect(evaluated(data, env)[1]).toBe(env.HOLDFAST_ROOT_SECRET_ACCESS_KEY);
  const without = await run(["env", "--data", data]);
  expect(without).toMatchObject({ status: 2, stdout: "" });
  expect(without.stderr).toContain("set HOLDFAST_ROOT_ACCESS_KEY_ID");
});

test("without a running server it says so and gives the configured address", async () => {
  const data = join(temporaryFolder(), "data");
  const server = await serve(["--data", data]);
  server.signal("SIGKILL");
  await server.ended;
  const { status, stdout, stderr } = await run(["env", "--data", data, "--listen", "[::1]:9123"]);
  expect(status).toBe(0);
  expect(stdout).toContain("export AWS_ENDPOINT_URL_S3='http://[::1]:9123'\n");
  expect(stderr).toContain("no server runs");
  const unknowable = await run(["env", "--data", data, "--listen", "[::1]:0"]);
  expect(unknowable).toMatchObject({ status: 2, stdout: "" });
});

test("without a credential it prints nothing that a shell would evaluate", async () => {
  const data = temporaryFolder();
  for (const directory of [data, join(data, "missing")]) {
    const { status, stdout, stderr } = await run(["env", "--data", directory]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain("no root credential yet");
  }
});
