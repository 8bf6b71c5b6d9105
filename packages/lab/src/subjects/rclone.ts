import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Action } from "../probe/action.ts";
import type { ActionCall, Subject, SubjectSettings } from "../probe/subject.ts";
import {
  bareEnvironment,
  findProgram,
  makeHome,
  ProgramError,
  runProgram,
  type Command,
  type Home,
  type Printed,
} from "./program.ts";
import { noCall, refuse } from "./refuse.ts";

/** What its exit codes mean, by its documentation. */
const exitCodes: Readonly<Record<number, string>> = {
  1: "Uncategorized",
  2: "UsageError",
  3: "DirectoryNotFound",
  4: "FileNotFound",
  5: "TemporaryError",
  6: "LessSeriousError",
  7: "FatalError",
  8: "TransferExceeded",
  9: "NoFilesTransferred",
  10: "DurationExceeded",
};

/** Where the code of the service's error is printed: by its SDK of the first generation, or by that of the second. */
const printedCode = /api error (\w+):|(?:: |^)([A-Z][A-Za-z]+): [^\n]*\n\s+status code: \d{3}/m;

function printedBy(stderr: string): Printed | undefined {
  const [, second, first] = printedCode.exec(stderr) ?? [];
  const [, status] = /(?:status code: |StatusCode: )(\d{3})/.exec(stderr) ?? [];
  const code = second ?? first;
  if (code === undefined && status === undefined) return undefined;
  return { code, status: status === undefined ? undefined : Number(status) };
}

interface Session {
  readonly directory: string;
  readonly path: (key: string) => string;
  readonly run: (args: readonly string[], input?: Command["input"]) => Promise<string>;
}

/**
 * rclone on the PATH, with its remote in the environment. The exit code is the one structured thing it tells of a
 * failure. Its timeouts are `--contimeout` and `--timeout`; `--retries` and `--low-level-retries` are 1, since by
 * default it tries thirty times, which takes minutes. It has no question about one object alone: it takes what cannot be
 * read for a folder.
 */
export const rclone: Subject = {
  name: "rclone",
  async version() {
    const env = { PATH: process.env["PATH"] ?? "" };
    const { stdout } = await runProgram({ file: findProgram("rclone"), args: ["version"], env });
    return /^rclone v(\S+)/.exec(stdout.toString())?.[1] ?? "unknown";
  },
  actions: ["get", "put", "upload", "copy", "delete", "list"],
  startMs: 4_000,
  async open(settings) {
    const home = await makeHome();
    const env = environment(settings, home);
    const timeout = `${settings.timeoutMs}ms`;
    const general = ["--config", "/dev/null", "--retries", "1", "--low-level-retries", "1"];
    const timeouts = ["--contimeout", timeout, "--timeout", timeout];
    const session: Session = {
      directory: home.directory,
      path: (key) => `R:${settings.bucket}/${key}`,
      async run(args, input) {
        const file = findProgram("rclone");
        const command = { file, args: [...general, ...timeouts, ...args], env };
        const ran = await runProgram(input === undefined ? command : { ...command, input });
        if (ran.exitCode === 0) return ran.stdout.toString();
        const printed = printedBy(ran.stderr);
        throw new ProgramError(ran.exitCode, exitCodes[ran.exitCode], printed);
      },
    };
    return { act: (action, call) => act(session, action, call), close: () => home.remove() };
  },
};

function environment(settings: SubjectSettings, home: Home): Record<string, string> {
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken = "" } = settings;
  return {
    ...bareEnvironment(home),
    RCLONE_CONFIG_R_TYPE: "s3",
    RCLONE_CONFIG_R_PROVIDER: "Other",
    RCLONE_CONFIG_R_ENDPOINT: endpoint,
    RCLONE_CONFIG_R_REGION: region,
    RCLONE_CONFIG_R_ACCESS_KEY_ID: accessKeyId,
    RCLONE_CONFIG_R_SECRET_ACCESS_KEY: secretAccessKey,
    RCLONE_CONFIG_R_SESSION_TOKEN: sessionToken,
  };
}

/** Without the flag, a source that is missing is a folder with nothing in it, and the copy a success. */
const copy = ["copyto", "--error-on-no-transfer"];

async function act(session: Session, action: Action, call: ActionCall): Promise<unknown> {
  refuse(action, {
    failAt: "a pipe cannot tell a program that what feeds it failed",
    ifAbsent: "rclone has no conditional write",
  });
  const { directory, path, run } = session;
  const file = join(directory, "body");
  switch (action.do) {
    case "get":
      await run([...copy, path(action.key), file]);
      return createReadStream(file);
    case "put":
      await writeFile(file, call.bytes());
      return void (await run(["copyto", file, path(action.key)]));
    case "upload":
      return void (await run(["rcat", path(action.key)], call.source()));
    case "copy":
      return void (await run([...copy, path(action.source), path(action.key)]));
    case "delete":
      return void (await run(["deletefile", path(action.key)]));
    case "list":
      return list(session, action.prefix);
    case "head":
    case "get-if-changed":
    case "get-until-aborted":
    case "exists":
    case "delete-many":
    case "kind":
      throw noCall(action);
  }
}

/** It shows a control character by the symbol that Unicode has for it. */
function unshown(path: string): string {
  const shown = 0x2400;
  return path.replaceAll(/[\u2400-\u241f]/g, (symbol) =>
    String.fromCodePoint((symbol.codePointAt(0) ?? shown) - shown),
  );
}

/** It lists folders, so that a prefix is one. */
async function list({ path, run }: Session, prefix = ""): Promise<readonly string[]> {
  const args = ["lsjson", "-R", "--files-only"];
  const found: readonly { readonly Path: string }[] = JSON.parse(
    await run([...args, path(prefix)]),
  );
  return found.map(({ Path }) => `${prefix}${unshown(Path)}`);
}
