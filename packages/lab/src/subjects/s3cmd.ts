import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Action } from "../probe/action.ts";
import {
  Unsupported,
  type ActionCall,
  type Subject,
  type SubjectSettings,
} from "../probe/subject.ts";
import {
  bareEnvironment,
  findProgram,
  makeHome,
  ProgramError,
  runProgram,
  type Command,
  type Home,
} from "./program.ts";
import { noCall, refuse } from "./refuse.ts";

/** What its exit codes are for, by its own sources. */
const exitCodes: Readonly<Record<number, string>> = {
  1: "General",
  2: "Partial",
  10: "ServerMoved",
  11: "ServerError",
  12: "NotFound",
  13: "Conflict",
  14: "PreconditionFailed",
  15: "ServiceUnavailable",
  64: "Usage",
  65: "DataError",
  69: "Unavailable",
  70: "Software",
  71: "System",
  74: "InputOutput",
  75: "TemporaryFailure",
  77: "PermissionDenied",
  78: "Configuration",
  111: "ECONNREFUSED",
};

/** The one place where the code of the service's error is: a script has to cut it out of what is printed. */
const printedCode = /S3 error: (\d{3}) \((\w+)\)/;

const patienceMs = 10_000;

interface Session {
  readonly directory: string;
  readonly uri: (key: string) => string;
  readonly run: (args: readonly string[], input?: Command["input"]) => Promise<string>;
}

/**
 * s3cmd on the PATH, with a configuration of its own. The exit code is the one structured thing it tells of a failure.
 * Its timeout is `socket_timeout`, in seconds, and its parts are the smallest. It repeats five times, which takes 45
 * seconds and can be set otherwise by nobody: what it is still repeating after ten is not driven.
 */
export const s3cmd: Subject = {
  name: "s3cmd",
  async version() {
    const env = { PATH: process.env["PATH"] ?? "" };
    const { stdout } = await runProgram({ file: findProgram("s3cmd"), args: ["--version"], env });
    return stdout.toString().replace("s3cmd version", "").trim();
  },
  actions: ["get", "head", "put", "upload", "copy", "delete", "list"],
  startMs: 12_000,
  async open(settings) {
    const home = await makeHome();
    const config = await configure(settings, home);
    const session: Session = {
      directory: home.directory,
      uri: (key) => `s3://${settings.bucket}/${key}`,
      async run(args, input) {
        const command = {
          file: findProgram("s3cmd"),
          args: ["--config", config, "--no-progress", ...args],
          env: bareEnvironment(home),
        };
        const signal = AbortSignal.timeout(patienceMs);
        const ran = await runProgram({ ...command, signal, ...(input !== undefined && { input }) });
        if (ran.exitCode === 0) return ran.stdout.toString();
        if (signal.aborted && ran.stderr.includes("Waiting")) {
          throw new Unsupported("it repeats for 45 seconds, which is longer than a scenario");
        }
        const [, status, code] = printedCode.exec(ran.stderr) ?? [];
        const printed = status === undefined ? undefined : { code, status: Number(status) };
        throw new ProgramError(ran.exitCode, exitCodes[ran.exitCode], printed);
      },
    };
    return { act: (action, call) => act(session, action, call), close: () => home.remove() };
  },
};

async function configure(settings: SubjectSettings, home: Home): Promise<string> {
  const { host, protocol } = new URL(settings.endpoint);
  const { accessKeyId, secretAccessKey, sessionToken = "" } = settings;
  const file = join(home.directory, "s3cfg");
  const lines = [
    "[default]",
    `access_key = ${accessKeyId}`,
    `secret_key = ${secretAccessKey}`,
    `access_token = ${sessionToken}`,
    `host_base = ${host}`,
    `host_bucket = ${host}`,
    `bucket_location = ${settings.region}`,
    `use_https = ${protocol === "https:" ? "True" : "False"}`,
    `socket_timeout = ${Math.max(1, Math.round(settings.timeoutMs / 1000))}`,
    "multipart_chunk_size_mb = 5",
  ];
  await writeFile(file, `${lines.join("\n")}\n`, { mode: 0o600 });
  return file;
}

async function act(session: Session, action: Action, call: ActionCall): Promise<unknown> {
  refuse(action, {
    failAt: "a pipe cannot tell a program that what feeds it failed",
    ifAbsent: "s3cmd has no conditional write",
  });
  const { directory, uri, run } = session;
  const file = join(directory, "body");
  switch (action.do) {
    case "get":
      await run(["get", "--force", uri(action.key), file]);
      return createReadStream(file);
    case "head": {
      const [, length] = /File size:\s+(\d+)/.exec(await run(["info", uri(action.key)])) ?? [];
      return Number(length);
    }
    case "put":
      await writeFile(file, call.bytes());
      return void (await run(["put", file, uri(action.key)]));
    case "upload":
      return void (await run(["put", "-", uri(action.key)], call.source()));
    case "copy":
      return void (await run(["cp", uri(action.source), uri(action.key)]));
    case "delete":
      return void (await run(["del", uri(action.key)]));
    case "list":
      return list(session, action.prefix);
    case "get-if-changed":
    case "get-until-aborted":
    case "exists":
    case "delete-many":
    case "kind":
      throw noCall(action);
  }
}

/** It prints for people: the key stands behind the bucket's URI. */
async function list({ uri, run }: Session, prefix = ""): Promise<string[]> {
  const printed = await run(["ls", "--recursive", uri(prefix)]);
  const below = uri("");
  return printed
    .split("\n")
    .filter((line) => line.includes(below))
    .map((line) => line.slice(line.indexOf(below) + below.length));
}
