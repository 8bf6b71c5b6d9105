import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { bin, temporaryFolder } from "./holdfast.ts";

const root = join(import.meta.dirname, "../..");

/** What `holdfast serve` prints for people, up to its last line. */
async function welcomeOf(data: string, { stopped = false } = {}): Promise<string> {
  const child = spawn(process.execPath, [bin, "serve", "--data", data, "--listen", "127.0.0.1:0"], {
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const gone = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    // A call to the disk that it is in comes to its end: its folder is not removed under it.
    await gone;
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    printed += chunk;
  });
  while (!printed.includes("Ctrl+C stops it.")) await once(child.stdout, "data");
  if (stopped) {
    child.kill("SIGTERM");
    await once(child, "close");
  }
  return printed;
}

/** The commands under a heading. */
function block(welcome: string, heading: RegExp): string {
  const from = welcome.search(heading);
  const [, commands = ""] = welcome.slice(from).split(/:\n\n/);
  return commands.slice(0, commands.lastIndexOf("\n\n"));
}

/** What a shell may have from other work, and each command must get along with. */
const left = { AWS_CA_BUNDLE: "/none.pem", AWS_PROFILE: "work", AWS_SESSION_TOKEN: "old" };

async function pasted(welcome: string, heading: RegExp): Promise<string> {
  const script = [/^Paste this first/m, heading].map((part) => block(welcome, part)).join("\n");
  const { PATH = "" } = process.env;
  const env = { PATH, HOME: temporaryFolder(), AWS_EC2_METADATA_DISABLED: "true", ...left };
  const { stdout } = await promisify(execFile)("/bin/sh", ["-c", script], { cwd: root, env });
  return stdout;
}

test("a later start prints the key that the first one made", async () => {
  const data = join(temporaryFolder(), "data");
  const lines = [/^ +access key id +HF[A-Z2-7]{18}$/m, /^ +secret access key +[A-Za-z0-9]{40}$/m];
  const first = await welcomeOf(data, { stopped: true });
  const second = await welcomeOf(data, { stopped: true });
  for (const line of lines) {
    expect(line.exec(first)?.[0]).toBeDefined();
    expect(line.exec(second)?.[0]).toBe(line.exec(first)?.[0]);
  }
});

const tools: readonly (readonly [string, RegExp])[] = [
  ["aws", /^AWS CLI/m],
  ["rclone", /^rclone/m],
  ["node", /^AWS SDK for JavaScript/m],
];

for (const [tool, heading] of tools) {
  const missing = spawnSync(tool, ["--version"]).error !== undefined;
  test.skipIf(missing)(
    `the ${tool} commands that serve prints work as pasted, also a second time`,
    { timeout: 300_000 },
    async () => {
      const welcome = await welcomeOf(join(temporaryFolder(), "data"));
      for (let time = 1; time <= 2; time += 1) {
        expect(await pasted(welcome, heading)).toContain("hello.txt");
      }
    },
  );
}
