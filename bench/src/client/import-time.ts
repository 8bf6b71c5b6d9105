import { execFileSync } from "node:child_process";
import { pathToFileURL } from "node:url";

const program =
  "const start = performance.now(); await import(process.argv[1]); process.stdout.write(String(performance.now() - start));";

/** How long a fresh process takes to import a module with all that it imports, in milliseconds. */
export function importMs(file: string): number {
  const args = ["--input-type=module", "--eval", program, pathToFileURL(file).href];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}
