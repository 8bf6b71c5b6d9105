import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Action } from "../probe/action.ts";
import { Unsupported, type ActionCall, type Subject } from "../probe/subject.ts";
import {
  awsEnvironment,
  findProgram,
  makeHome,
  ProgramError,
  runProgram,
  type Command,
} from "./program.ts";
import { noCall, refuse } from "./refuse.ts";

/** What the exit codes of `aws` mean, by its page of return codes. */
const exitCodes: Readonly<Record<number, string>> = {
  1: "TransferFailed",
  252: "SyntaxInvalid",
  253: "EnvironmentInvalid",
  254: "ServiceError",
  255: "GeneralError",
};

/** The one place where the code of the service's error is: a script has to cut it out of what is printed. */
const printedCode = /An error occurred \((\w+)\)/;

interface Session {
  readonly bucket: string;
  readonly directory: string;
  readonly run: (args: readonly string[], input?: Command["input"]) => Promise<string>;
}

/**
 * The AWS CLI on the PATH: `s3api` for everything, since it prints JSON, and `s3 cp -` for an upload. The exit code is
 * the one structured thing it tells of a failure. Its timeouts are `--cli-connect-timeout` and `--cli-read-timeout`,
 * its retry mode `standard`, which is the default from version 2 on.
 */
export const awsCli: Subject = {
  name: "aws",
  async version() {
    const home = await makeHome();
    const env = { PATH: process.env["PATH"] ?? "", HOME: home.directory };
    const { stdout } = await runProgram({ file: findProgram("aws"), args: ["--version"], env });
    await home.remove();
    return /aws-cli\/(\S+)/.exec(stdout.toString())?.[1] ?? "unknown";
  },
  actions: [
    "get",
    "get-if-changed",
    "head",
    "put",
    "upload",
    "copy",
    "delete",
    "delete-many",
    "list",
  ],
  startMs: 8_000,
  async open(settings) {
    const home = await makeHome();
    const env = awsEnvironment(settings, home);
    const seconds = String(Math.max(1, Math.round(settings.timeoutMs / 1000)));
    const general = ["--endpoint-url", settings.endpoint, "--output", "json"];
    const timeouts = ["--cli-connect-timeout", seconds, "--cli-read-timeout", seconds];
    const session: Session = {
      bucket: settings.bucket,
      directory: home.directory,
      async run(args, input) {
        const command = { file: findProgram("aws"), args: [...general, ...timeouts, ...args], env };
        const ran = await runProgram(input === undefined ? command : { ...command, input });
        if (ran.exitCode === 0) return ran.stdout.toString();
        const [, code] = printedCode.exec(ran.stderr) ?? [];
        const printed = code === undefined ? undefined : { code };
        throw new ProgramError(ran.exitCode, exitCodes[ran.exitCode], printed);
      },
    };
    return { act: (action, call) => act(session, action, call), close: () => home.remove() };
  },
};

async function act(session: Session, action: Action, call: ActionCall): Promise<unknown> {
  refuse(action, {
    failAt: "a pipe cannot tell a program that what feeds it failed",
  });
  const { bucket, directory, run } = session;
  const file = join(directory, "body");
  const at = (key: string): readonly string[] => ["--bucket", bucket, "--key", key];
  switch (action.do) {
    case "get":
    case "get-if-changed": {
      const condition = action.do === "get" ? [] : ["--if-none-match", `"${action.etag}"`];
      await run(["s3api", "get-object", ...at(action.key), ...condition, file]);
      return createReadStream(file);
    }
    case "head": {
      const printed = await run(["s3api", "head-object", ...at(action.key)]);
      const head: { readonly ContentLength: number } = JSON.parse(printed);
      return head.ContentLength;
    }
    case "put": {
      await writeFile(file, call.bytes());
      const condition = action.ifAbsent === true ? ["--if-none-match", "*"] : [];
      return put(session, [...at(action.key), "--body", file, ...condition]);
    }
    case "upload":
      return void (await run(["s3", "cp", "-", `s3://${bucket}/${action.key}`], call.source()));
    case "copy": {
      const source = encodeURI(`${bucket}/${action.source}`);
      return void (await run(["s3api", "copy-object", ...at(action.key), "--copy-source", source]));
    }
    case "delete":
      return void (await run(["s3api", "delete-object", ...at(action.key)]));
    case "delete-many":
      return deleteMany(session, action.keys);
    case "list":
      return list(session, action.prefix);
    case "get-until-aborted":
    case "exists":
    case "kind":
      throw noCall(action);
  }
}

async function put({ run }: Session, args: readonly string[]): Promise<void> {
  try {
    await run(["s3api", "put-object", ...args]);
  } catch (error) {
    if (!(error instanceof ProgramError) || error.code !== "SyntaxInvalid") throw error;
    throw new Unsupported("this version of the AWS CLI does not know the option");
  }
}

async function deleteMany({ bucket, run }: Session, keys: readonly string[]) {
  const Objects = keys.map((Key) => ({ Key }));
  const args = ["s3api", "delete-objects", "--bucket", bucket];
  const printed = await run([...args, "--delete", JSON.stringify({ Objects })]);
  const {
    Deleted = [],
    Errors = [],
  }: {
    readonly Deleted?: readonly { readonly Key: string }[];
    readonly Errors?: readonly { readonly Key: string; readonly Code: string }[];
  } = JSON.parse(printed || "{}");
  return {
    deleted: Deleted.map(({ Key }) => Key),
    failed: Object.fromEntries(Errors.map(({ Key, Code }) => [Key, Code])),
  };
}

async function list({ bucket, run }: Session, prefix?: string): Promise<readonly string[]> {
  const below = prefix === undefined ? [] : ["--prefix", prefix];
  const printed = await run(["s3api", "list-objects-v2", "--bucket", bucket, ...below]);
  const { Contents = [] }: { readonly Contents?: readonly { readonly Key: string }[] } = JSON.parse(
    printed || "{}",
  );
  return Contents.map(({ Key }) => Key);
}
