import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";

/** Which tests of a copy to run. */
export interface Selection {
  readonly config: string;
  readonly files: readonly string[];
  readonly only?: string | undefined;
  /** Whether the first failure is enough. */
  readonly bail: boolean;
}

/** What a run of tests came to. */
export interface Outcome {
  readonly passed: number;
  /** By their full names. */
  readonly failed: readonly string[];
  /** What kept the code or a file of tests from even being loaded. */
  readonly broken: readonly string[];
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const timeoutMs = 300_000;
const running = new Set<ChildProcess>();

// A runner has workers and the interop suite has gateways: the whole group has to go.
function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

process.once("exit", () => running.forEach(endGroup));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    running.forEach(endGroup);
    process.exit(1);
  });
}

async function runNode(copy: string, args: readonly string[]): Promise<string | undefined> {
  const temporary = join(copy, "tmp");
  await mkdir(temporary, { recursive: true });
  const child = spawn(process.execPath, args, {
    cwd: copy,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      // The runner that we are in must not speak to the one that we start.
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")),
      ),
      // What a killed run leaves goes with the copy.
      TMPDIR: temporary,
    },
  });
  running.add(child);
  const said: Buffer[] = [];
  child.stdout.on("data", (bytes: Buffer) => said.push(bytes));
  child.stderr.on("data", (bytes: Buffer) => said.push(bytes));
  const timer = setTimeout(() => endGroup(child), timeoutMs);
  try {
    const [status] = await once(child, "close");
    return status === 0 ? undefined : Buffer.concat(said).toString();
  } finally {
    clearTimeout(timer);
    endGroup(child);
    running.delete(child);
  }
}

/** Builds the copy and runs some of its tests to their end, or to the first failure. */
export async function runTests(copy: string, selection: Selection): Promise<Outcome> {
  const unbuilt =
    (await runNode(copy, ["node_modules/typescript/bin/tsc", "-b", "packages/cli"])) ??
    (await runNode(copy, ["bundle.js"]));
  if (unbuilt !== undefined) return { passed: 0, failed: [], broken: [unbuilt] };
  const { config, files, only, bail } = selection;
  const output = join(copy, "report.json");
  await rm(output, { force: true });
  const said = await runNode(copy, [
    "node_modules/vitest/vitest.mjs",
    "run",
    `--config=${config}`,
    "--reporter=json",
    `--outputFile=${output}`,
    ...(bail ? ["--bail=1"] : []),
    ...(only === undefined ? [] : [`--testNamePattern=${only}`]),
    ...files,
  ]);
  try {
    const report: Report = JSON.parse(await readFile(output, "utf8"));
    return outcomeOf(report, said);
  } catch (cause) {
    throw new Error(`The runner left no report and said:\n${said}`, { cause });
  }
}

function outcomeOf({ testResults }: Report, said: string | undefined): Outcome {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.filter(({ status }) => status === "failed");
  const broken = testResults
    .filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0)
    .map(({ name, message }) => `${name}: ${message}`);
  // A failure outside any test, as of a hook or of what nobody awaited, is in neither list.
  const isExplained = said === undefined || failed.length > 0 || broken.length > 0;
  return {
    passed: tests.filter(({ status }) => status === "passed").length,
    failed: failed.map(({ fullName }) => fullName),
    broken: isExplained ? broken : [said],
  };
}
