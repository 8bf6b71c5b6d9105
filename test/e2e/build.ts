import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Vitest's global setup: the command is tested as it is shipped, so what is missing or stale in
 * `dist` is built once before the first test. Nothing is done when all is fresh.
 */
export function setup(): void {
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve("typescript/package.json")),
    "bin/tsc",
  );
  const root = join(import.meta.dirname, "../..");
  try {
    execFileSync(process.execPath, [compiler, "-b", "packages/cli"], {
      cwd: root,
      encoding: "utf8",
    });
  } catch (cause) {
    const report = cause instanceof Error && "stdout" in cause ? String(cause.stdout) : "";
    throw new Error(`The command line does not build:\n${report}`, { cause });
  }
}
