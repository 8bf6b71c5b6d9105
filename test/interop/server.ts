import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Endpoint, StatusProfile } from "./context.ts";
import { endWithUs } from "./end-with-us.ts";

/** A gateway under test and the way to end it. */
export interface Server {
  readonly endpoint: Endpoint;
  /** Resolves when the process is gone, by force after ten seconds. */
  readonly stop: () => Promise<void>;
}

const startTimeoutMs = 20_000;
const stopTimeoutMs = 10_000;
const credential = {
  accessKeyId: "INTEROPROOTKEYID",
  secretAccessKey: "interop/root+secret=0123456789",
};

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), stopTimeoutMs);
  await gone;
  clearTimeout(force);
}

async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("the gateway was started without a stdout");
  const lines = createInterface({ input: child.stdout });
  const signal = AbortSignal.timeout(startTimeoutMs);
  const ended = once(child, "exit", { signal }).then(([code]) => {
    throw new Error(`the gateway ended with ${code} before it was ready; its stderr is above`);
  });
  const [line] = await Promise.race([once(lines, "line", { signal }), ended]);
  // What follows the first line is never read here, and must not fill the pipe.
  lines.close();
  child.stdout.resume();
  const ready: unknown = JSON.parse(String(line));
  if (typeof ready !== "object" || ready === null || !("event" in ready) || !("endpoint" in ready))
    throw new Error(`the first line on stdout is not the ready event: ${line}`);
  if (ready.event !== "ready" || typeof ready.endpoint !== "string")
    throw new Error(`the first line on stdout is not the ready event: ${line}`);
  return ready.endpoint;
}

/** Starts the built command line on a free loopback port, with its data below `data`. */
export async function startServer(profile: StatusProfile, data: string): Promise<Server> {
  const args = [
    "serve",
    "--data",
    data,
    "--listen",
    "127.0.0.1:0",
    "--status-profile",
    profile,
    "--json",
  ];
  const child = spawn(process.execPath, ["packages/cli/dist/bin.js", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      HOLDFAST_ROOT_ACCESS_KEY_ID: credential.accessKeyId,
      HOLDFAST_ROOT_SECRET_ACCESS_KEY: credential.secretAccessKey,
    },
  });
  endWithUs(child);
  try {
    const url = await readyUrl(child);
    return {
      endpoint: { profile, url, region: "us-east-1", ...credential },
      stop: () => stop(child),
    };
  } catch (error) {
    await stop(child);
    throw error;
  }
}
