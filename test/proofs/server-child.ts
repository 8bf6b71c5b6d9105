import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { RecoveryReport } from "@holdfast/engine";
import type { RequestRecord } from "@holdfast/gateway";
import { region, rootCredential } from "./root-credential.ts";

const built = fileURLToPath(new URL("../../packages/cli/dist/bin.js", import.meta.url));
/** Another build than the one of this checkout can be put to the proof. */
const bin = process.env["HOLDFAST_PROOF_BIN"] ?? built;
const startMsMax = 20_000;

/** The command line's `serve`, as a process of its own. */
export interface ServerChild {
  readonly pid: number;
  readonly port: number;
  /** What it found when it opened the directory. */
  readonly recovered: RecoveryReport;
  /** What it wrote to stderr so far. */
  errors(): string;
  /** Its resident set, in MiB. */
  residentMiB(): number;
  /** How many file descriptors it holds. */
  descriptors(): number;
  isRunning(): boolean;
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and its exit status; SIGKILL when it does not end by itself. */
  stop(): Promise<number | null>;
}

/** Starts the built command line on a directory; rejects with its stderr when it does not come up. */
export async function startServer(options: {
  readonly directory: string;
  readonly buckets: readonly string[];
  readonly onRequest?: (record: RequestRecord) => void;
  /** A command that runs the one behind it, in the same process. */
  readonly through?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** SIGKILLs it, and rejects, while it comes up. */
  readonly signal?: AbortSignal;
}): Promise<ServerChild> {
  if (!existsSync(bin)) throw new Error("The command line is not built: npm run build");
  const serve = [bin, "serve", "--data", options.directory, "--listen", "127.0.0.1:0", "--json"];
  const [command = "", ...args] = [...(options.through ?? []), process.execPath, ...serve];
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    killSignal: "SIGKILL",
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    env: {
      PATH: process.env["PATH"],
      HOLDFAST_ROOT_ACCESS_KEY_ID: rootCredential.accessKeyId,
      HOLDFAST_ROOT_SECRET_ACCESS_KEY: rootCredential.secretAccessKey,
      HOLDFAST_BUCKETS: options.buckets.join(","),
      HOLDFAST_REGION: region,
      ...options.env,
    },
  });
  let errors = "";
  child.stderr.on("data", (bytes: Buffer) => (errors += bytes.toString()));
  const lines = createInterface({ input: child.stdout });
  const { port, recovered } = await readReady(child, lines).catch(async (cause: unknown) => {
    await end(child, "SIGKILL");
    throw new Error(`The server did not start: ${errors}`, { cause });
  });
  const { onRequest } = options;
  if (onRequest !== undefined) {
    lines.on("line", (line) => {
      const record: RequestRecord | { readonly event: "stopping" } = JSON.parse(line);
      if (record.event === "request") onRequest(record);
    });
  }
  const pid = child.pid ?? 0;
  return {
    pid,
    port,
    recovered,
    errors: () => errors,
    residentMiB: () => residentMiB(pid),
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    kill: async () => {
      await end(child, "SIGKILL");
    },
    stop: () => end(child, "SIGTERM"),
  };
}

interface Ready {
  readonly port: number;
  readonly recovered: RecoveryReport;
}

function readReady(child: ChildProcess, lines: ReturnType<typeof createInterface>): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no ready event in time")), startMsMax);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    child.once("error", (cause) => settle(() => reject(cause)));
    // Not at its exit: what it said last may come after that.
    child.once("close", (status) => settle(() => reject(new Error(`exit ${String(status)}`))));
    lines.once("line", (line) =>
      settle(() => {
        const ready: { readonly endpoint: string; readonly recovered: RecoveryReport } =
          JSON.parse(line);
        const { endpoint, recovered } = ready;
        resolve({ port: Number(endpoint.slice(endpoint.lastIndexOf(":") + 1)), recovered });
      }),
    );
  });
}

async function end(child: ChildProcess, signal: "SIGKILL" | "SIGTERM"): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  // Not by `once`, which rejects when the signal of a start aborts meanwhile.
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  const last = setTimeout(() => child.kill("SIGKILL"), 30_000);
  await exited;
  clearTimeout(last);
  return child.exitCode;
}

function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024);
}
