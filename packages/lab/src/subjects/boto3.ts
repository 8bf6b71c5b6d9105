import { fileURLToPath } from "node:url";
import type { Action } from "../probe/action.ts";
import { Unsupported, type ActionCall, type Subject } from "../probe/subject.ts";
import { NotInstalledError } from "./installed.ts";
import { awsEnvironment, findProgram, makeHome, runProgram, ProgramError } from "./program.ts";

/** The script stays beside the sources, which are published as well as what is built of them. */
const script = fileURLToPath(new URL("../../src/subjects/boto3-action.py", import.meta.url));

interface Raised {
  readonly name: string;
  readonly code: string | null;
  readonly status: number | null;
  readonly cause: Raised | null;
}

interface Answer {
  readonly value?: unknown;
  readonly error?: Raised;
}

/** An exception of Python's, by its class and what its `response` holds. */
class PythonError extends Error {
  override readonly name: string;
  readonly code: string | undefined;
  readonly status: number | undefined;

  constructor({ name, code, status, cause }: Raised) {
    super(name, { cause: cause === null ? undefined : new PythonError(cause) });
    this.name = name;
    this.code = code ?? undefined;
    this.status = status ?? undefined;
  }
}

async function versionOf(): Promise<string> {
  const file = findProgram("python3");
  const home = await makeHome();
  try {
    const args = ["-c", "import boto3; print(boto3.__version__)"];
    const ran = await runProgram({ file, args, env: { PATH: process.env["PATH"] ?? "" } });
    if (ran.exitCode === 0) return ran.stdout.toString().trim();
  } finally {
    await home.remove();
  }
  throw new NotInstalledError("boto3 is not installed for the python3 on the PATH.");
}

/**
 * boto3 of the `python3` on the PATH, by a script for each action, with its `connect_timeout` and `read_timeout`, and
 * in the retry mode `standard`: the older one that is still its default takes up to half a minute.
 */
export const boto3: Subject = {
  name: "boto3",
  version: versionOf,
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
    const { bucket, endpoint, timeoutMs } = settings;
    return {
      async act(action, call) {
        const setup = JSON.stringify({ action, bucket, endpoint, timeoutMs });
        const { exitCode, stdout } = await runProgram({
          file: findProgram("python3"),
          args: ["-B", script, setup],
          env,
          ...bodyOf(action, call),
        });
        if (exitCode !== 0) throw new ProgramError(exitCode);
        return valueOf(JSON.parse(stdout.toString()));
      },
      close: () => home.remove(),
    };
  },
};

function valueOf({ value, error }: Answer): unknown {
  if (error === undefined) return value;
  // Of versions that are older than the condition.
  if (error.name === "ParamValidationError") throw new Unsupported("boto3 refuses the parameter");
  throw new PythonError(error);
}

function bodyOf(action: Action, call: ActionCall): { input?: AsyncIterable<Uint8Array> } {
  if (action.do !== "put" && action.do !== "upload") return {};
  return { input: framed(call.source()) };
}

const failed = 0xffff_ffff;

/** A pipe cannot say that its source failed, so that the frames do. */
async function* framed(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const piece of source) {
      yield lengthOf(piece.byteLength);
      yield piece;
    }
    yield lengthOf(0);
  } catch {
    yield lengthOf(failed);
  }
}

function lengthOf(bytes: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes);
  return length;
}
