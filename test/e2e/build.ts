import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
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
    if (isBundleStale(join(root, "packages"))) run(["packages/client/bundle.js"], root);
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

/** Whether the one file that Node loads of the client is older than the modules that it is made of. */
function isBundleStale(packages: string): boolean {
  const bundle = join(packages, "client/dist/bundle.js");
  if (!existsSync(bundle)) return true;
  const built = statSync(bundle).mtimeMs;
  return ["client", "protocol"].some((name) =>
    readdirSync(join(packages, name, "dist"), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".js") && !file.startsWith("bundle."))
      .some((file) => statSync(join(packages, name, "dist", file)).mtimeMs > built),
  );
}
