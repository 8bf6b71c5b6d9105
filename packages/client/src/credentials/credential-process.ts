import { execFile } from "node:child_process";
import { readCredentialFields, readJsonObject } from "./credential-document.ts";
import type { Credentials } from "./credentials.ts";
import { credentialsUnavailable } from "./credentials-unavailable.ts";
import { invalidConfiguration } from "./invalid-configuration.ts";
import type { Setting } from "./ini.ts";
import { ServiceFailure } from "./service-failure.ts";
import { splitCommand } from "./split-command.ts";

const timeoutMs = 60_000;
const outputBytesMax = 65_536;

/**
 * Runs the program that a profile names as `credential_process`, without a shell, for at most a minute, and reads the
 * JSON that it prints. Nothing that it prints gets into an error, on either stream, nor do its arguments.
 */
export async function runCredentialProcess(
  { value, where }: Setting,
  limitMs: number = timeoutMs,
): Promise<Credentials> {
  const [program, ...args] = splitCommand(value, where);
  if (program === undefined) throw invalidConfiguration(where, "credential_process is empty.");
  const output = await run({ program, args, where, limitMs });
  const fields = readJsonObject(output);
  if (fields?.get("Version") !== 1) {
    throw credentialsUnavailable(`${where}: the program printed no JSON object with Version 1.`);
  }
  try {
    return readCredentialFields(fields, "SessionToken");
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    throw credentialsUnavailable(`${where}: what the program printed cannot be used.`, error);
  }
}

interface Run {
  readonly program: string;
  readonly args: readonly string[];
  readonly where: string;
  readonly limitMs: number;
}

function run({ program, args, where, limitMs }: Run): Promise<string> {
  const options = {
    timeout: limitMs,
    killSignal: "SIGKILL",
    maxBuffer: outputBytesMax,
    windowsHide: true,
  } as const;
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, options, (error, stdout) => {
      // Without a cause: Node's error has the arguments and all of standard error in it.
      if (error === null) resolve(stdout);
      else reject(credentialsUnavailable(`${where}: ${sentenceOf(error.code, error.killed)}`));
    });
    // A program that asks for something must not wait for an answer.
    child.stdin?.end();
  });
}

function sentenceOf(code: unknown, killed: boolean | undefined): string {
  if (code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return "the program printed over 64 KiB.";
  if (killed === true) return "the program took too long and was stopped.";
  if (typeof code === "string") return `the program could not be started (${code}).`;
  if (typeof code === "number") return `the program ended with exit status ${code}.`;
  return "the program was ended by a signal.";
}
