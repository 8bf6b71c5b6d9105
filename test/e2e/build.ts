import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/**
 * Vitest's global setup: the command, the client and the store are tested as they are shipped, so what is missing or
 * stale in `dist` is built once before the first test. Nothing is done when all is fresh.
 */
export function setup(): void {
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve("typescript/package.json")),
    "bin/tsc",
  );
  const root = join(import.meta.dirname, "../..");
  try {
    run([compiler, "-b", "packages/cli", "packages/store"], root);
    if (isBundleStale(join(root, "packages"))) run(["bundle.js"], root);
  } catch (cause) {
    const report = cause instanceof Error && "stdout" in cause ? String(cause.stdout) : "";
    throw new Error(`The command line, the client or the store does not build:\n${report}`, {
      cause,
    });
  }
}

function run(parameters: readonly string[], cwd: string): void {
  execFileSync(process.execPath, parameters, { cwd, encoding: "utf8" });
}

/** Whether a file that Node loads of a package is older than a module that may be part of it. */
function isBundleStale(packages: string): boolean {
  const homes = readdirSync(packages)
    .filter((name) =>
      readFileSync(join(packages, name, "package.json"), "utf8").includes('"./dist/bundle.js"'),
    )
    .map((name) => join(packages, name, "dist"));
  const bundles = homes.map((home) => join(home, "bundle.js"));
  if (!bundles.every((bundle) => existsSync(bundle))) return true;
  const built = Math.min(...bundles.map((bundle) => statSync(bundle).mtimeMs));
  return homes.some((home) =>
    readdirSync(home, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".js") && !file.startsWith("bundle."))
      .some((file) => statSync(join(home, file)).mtimeMs > built),
  );
}
