import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const compiler = join(
  dirname(createRequire(import.meta.url).resolve("typescript/package.json")),
  "bin/tsc",
);

/** As strict as the packages themselves, but with nothing of the workspace that a user would not have. */
const settings = {
  compilerOptions: {
    target: "es2023",
    lib: ["es2023"],
    module: "nodenext",
    strict: true,
    skipLibCheck: true,
    types: ["node"],
  },
  files: ["program.ts"],
};

/**
 * Compiles a program against the built packages, as a user's compiler would, runs it with Node and gives what it
 * printed. Vitest's own transformer leaves decorators as they are; this does not.
 */
export async function runTypeScript(
  program: string,
  packages: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  await tsc(["-b", ...packages.map((name) => join(root, "packages", name))]);
  // Inside the workspace, so that its packages are found by name.
  const folder = await mkdtemp(join(root, "node_modules/.run-typescript-"));
  try {
    await Promise.all([
      writeFile(join(folder, "program.ts"), program),
      writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" })),
      writeFile(join(folder, "tsconfig.json"), JSON.stringify(settings)),
    ]);
    await tsc(["-p", folder]);
    const { stdout } = await run(process.execPath, [join(folder, "program.js")], {
      env,
      timeout: 150_000,
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function tsc(parameters: readonly string[]): Promise<void> {
  try {
    await run(process.execPath, [compiler, ...parameters], { cwd: root });
  } catch (cause) {
    const report = cause instanceof Error && "stdout" in cause ? String(cause.stdout) : "";
    throw new Error(`It does not compile:\n${report}`, { cause });
  }
}
