import { spawn } from "node:child_process";
import { STATUS_CODES } from "node:http";
import { accessSync, constants } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import type { SubjectSettings } from "../probe/subject.ts";
import { NotInstalledError } from "./installed.ts";

/** What a script could cut out of what a program printed. */
export interface Printed {
  readonly code?: string | undefined;
  readonly status?: number | undefined;
}

/** Not what the program gave as a field, and named so that this is seen. */
class PrintedText {
  readonly name = "PrintedText";
  readonly code: string | undefined;
  readonly status: number | undefined;

  /** What stands for the code where an answer has no body is the status in words, and no code. */
  constructor({ code, status }: Printed) {
    const words = STATUS_CODES[status ?? ""]?.replaceAll(/\W/g, "");
    this.code = code === words ? undefined : code;
    this.status = status;
  }
}

/** What a program told by ending other than with 0, and what a script could read out of what it printed. */
export class ProgramError extends Error {
  override readonly name = "ProgramError";
  readonly exitCode: number;
  /** What the exit code means by the program's documentation, where it has a meaning. */
  readonly code: string | undefined;

  constructor(exitCode: number, code?: string, printed?: Printed) {
    super(`exit code ${exitCode}`, { cause: printed && new PrintedText(printed) });
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** Throws a `NotInstalledError` unless there is such a program on the PATH. */
export function findProgram(name: string): string {
  for (const directory of (process.env["PATH"] ?? "").split(delimiter)) {
    const file = join(directory, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      continue;
    }
  }
  throw new NotInstalledError(`There is no program ${name} on the PATH.`);
}

/** A home directory of its own, so that no configuration of the user's is used. */
export interface Home {
  readonly directory: string;
  remove(): Promise<void>;
}

/** The home has to be removed. */
export async function makeHome(): Promise<Home> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-probe-"));
  return { directory, remove: () => rm(directory, { recursive: true, force: true }) };
}

/** What AWS's own programs take from the environment, and nothing of the user's but the PATH. */
export function awsEnvironment(
  { region, accessKeyId, secretAccessKey, sessionToken }: SubjectSettings,
  home: Home,
): Record<string, string> {
  return {
    ...bareEnvironment(home),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
    AWS_DEFAULT_REGION: region,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_RETRY_MODE: "standard",
  };
}

/** The PATH, and the home. */
export function bareEnvironment({ directory }: Home): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: directory,
    TMPDIR: directory,
    LANG: "C.UTF-8",
  };
}

/** A program, its arguments, its whole environment, and what it reads. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly input?: AsyncIterable<Uint8Array>;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

export interface Ran {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Ends the program when whoever started it is gone, however that ended: the pipe at 3 is closed then. */
const leash = `
exec 4<&0 </dev/null
"$@" <&4 3<&- 4<&- & program=$!
exec 4<&-
{ read -r end <&3; kill -9 $program; } 2>/dev/null & watch=$!
wait $program; code=$?
kill -9 $watch 2>/dev/null
exit $code`;

/** Runs a program to its end; rejects only if it cannot be started. It ends with this process. */
export async function runProgram({ file, args, env, input, signal }: Command): Promise<Ran> {
  const child = spawn("/bin/sh", ["-c", leash, "sh", file, ...args], {
    env,
    stdio: ["pipe", "pipe", "pipe", "pipe"],
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? -1));
  });
  const { stdin, stdout, stderr } = child;
  signal?.addEventListener("abort", () => child.stdio[3]?.destroy());
  // A program that ends before it has read everything is no failure of the pipe's.
  stdin.on("error", () => {});
  if (input === undefined) stdin.end();
  else Readable.from(input, { objectMode: false }).pipe(stdin);
  const [out, err, exitCode] = await Promise.all([buffer(stdout), text(stderr), ended]);
  return { exitCode, stdout: out, stderr: err };
}
