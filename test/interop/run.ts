import { execFile } from "node:child_process";
import { endWithUs } from "./end-with-us.ts";

/** How a command ended; a status other than 0 is an answer, not an exception. */
export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command, its arguments, and the whole environment it gets beside the suite's own. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const timeoutMs = 150_000;
const outputBytesMax = 16 * 1024 * 1024;

/** Runs a command to its end and never rejects for its exit status; one that hangs is killed and rejects. */
export function attempt({ file, args, env }: Command): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const options = {
      env,
      timeout: timeoutMs,
      maxBuffer: outputBytesMax,
      killSignal: "SIGKILL",
    } as const;
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ status: 0, stdout, stderr });
      if (typeof error.code === "number") return resolve({ status: error.code, stdout, stderr });
      reject(new Error(`${file} ${args.join(" ")} did not end by itself`, { cause: error }));
    });
    endWithUs(child).stdin?.end();
  });
}

/** Runs a command that must succeed and returns its stdout; otherwise rejects with all it said. */
export async function run(command: Command): Promise<string> {
  const { status, stdout, stderr } = await attempt(command);
  if (status === 0) return stdout;
  const line = `${command.file} ${command.args.join(" ")}`;
  throw new Error(`${line}\nexit ${status}\n${stdout}${stderr}`);
}
