import { spawn, type ChildProcess } from "node:child_process";
import { once, type EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** The built command. */
export const bin = join(import.meta.dirname, "../../packages/cli/dist/bin.js");

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** How many files the command may have open; as many as the tests unless told. */
  readonly descriptors?: number;
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-e2e-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function start(
  args: readonly string[],
  { env = {}, cwd = tmpdir(), descriptors }: Options,
): ChildProcess {
  // Only what a shell needs: settings of whoever runs the tests must not reach the command.
  const { PATH = "", HOME = "" } = process.env;
  const limited = `ulimit -n ${descriptors ?? 0} && exec "$0" "$@"`;
  const before = descriptors === undefined ? [] : ["sh", "-c", limited];
  const [program = "", ...rest] = [...before, process.execPath, bin, ...args];
  const child = spawn(program, rest, {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const gone = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    // A call to the disk that it is in comes to its end: its folder is not removed under it.
    await gone;
  });
  return child;
}

/** Runs the command to its end. */
export async function run(args: readonly string[], options: Options = {}): Promise<Ended> {
  const { stdout, stderr, status } = await collected(start(args, options));
  return { status, stdout, stderr };
}

async function collected(child: ChildProcess): Promise<Ended> {
  const [[status], stdout, stderr] = await Promise.all([
    once(child, "close"),
    child.stdout === null ? "" : text(child.stdout),
    child.stderr === null ? "" : text(child.stderr),
  ]);
  return { status: typeof status === "number" ? status : null, stdout, stderr };
}

export interface Served {
  /** The ready event. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly endpoint: string;
  /** The lines of stdout after the first. */
  readonly log: readonly string[];
  /** Resolves when stderr has it; rejects when the process ended instead. */
  printsOnStderr(containing: string): Promise<void>;
  /** Resolves when the log has a line with it; rejects when the process ended instead. */
  logs(containing: string): Promise<void>;
  /** Goes away, as a pipe's reader does. */
  closeStdout(): void;
  signal(name: NodeJS.Signals): boolean;
  readonly ended: Promise<Ended>;
}

/** Starts `holdfast serve --json` on a free port and waits for its ready line. */
export function serve(args: readonly string[], options: Options = {}): Promise<Served> {
  return serveBy(["serve", "--json", "--listen", "127.0.0.1:0", ...args], options);
}

/** The same with `holdfast lab serve`, or another of the lab's; told to stop, so that it takes its memory with it. */
export async function serveLab(args: readonly string[], options: Options = {}): Promise<Served> {
  const lab = await serveBy(["lab", ...args, "--json", "--port", "0"], options);
  onTestFinished(async () => {
    lab.signal("SIGTERM");
    await lab.ended;
  });
  return lab;
}

async function serveBy(args: readonly string[], options: Options): Promise<Served> {
  const child = start(args, options);
  const log: string[] = [];
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  const ended = once(child, "close").then(([status]) => ({
    status: typeof status === "number" ? status : null,
    stdout: log.join("\n"),
    stderr,
  }));
  const unlessEnded = async (source: EventEmitter, event: string): Promise<void> => {
    const over = ended.then(() => Promise.reject(new Error(`holdfast ended: ${stderr}`)));
    await Promise.race([once(source, event), over]);
  };
  const lines = createInterface({ input: child.stdout ?? process.stdin });
  // At once: the second line may come with the first.
  const started = once(lines, "line").then(([line]) => String(line));
  lines.once("line", () => lines.on("line", (line) => log.push(line)));
  const first = await Promise.race([started, ended.then(() => undefined)]);
  if (first === undefined) throw new Error(`holdfast did not start: ${stderr}`);
  const ready: Readonly<Record<string, unknown>> = JSON.parse(first);
  return {
    ready,
    endpoint: String(ready["endpoint"]),
    log,
    async printsOnStderr(containing) {
      while (!stderr.includes(containing)) await unlessEnded(child.stderr ?? child, "data");
    },
    async logs(containing) {
      while (!log.some((line) => line.includes(containing))) await unlessEnded(lines, "line");
    },
    closeStdout: () => child.stdout?.destroy(),
    signal: (name) => child.kill(name),
    ended,
  };
}
