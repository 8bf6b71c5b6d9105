import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

/** The bytes that a package and all that it depends on put on a disk; of ours, what is published. */
export function installedBytes(directory: string): number {
  const packages = new Set<string>();
  collect(realpathSync(directory), packages);
  return [...packages].reduce((total, one) => total + bytesOf(one), 0);
}

function collect(directory: string, found: Set<string>): void {
  if (found.has(directory)) return;
  found.add(directory);
  const manifest: {
    dependencies?: Record<string, string>;
    optionalDependencies?: Record<string, string>;
  } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    const dependency = resolve(directory, name);
    // An optional one is there only on the platform it is for.
    if (dependency !== undefined) collect(dependency, found);
  }
}

function resolve(from: string, name: string): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    const candidate = join(directory, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
    if (directory === dirname(directory)) return undefined;
  }
}

function bytesOf(directory: string): number {
  return directory.includes("node_modules") ? bytesOnDisk(directory) : bytesPublished(directory);
}

function bytesOnDisk(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isFile()) bytes += statSync(path).size;
    else if (entry.isDirectory() && entry.name !== "node_modules") bytes += bytesOnDisk(path);
  }
  return bytes;
}

function bytesPublished(directory: string): number {
  const options = { cwd: directory, encoding: "utf8" } as const;
  const packed: unknown = JSON.parse(
    execFileSync("npm", ["pack", "--dry-run", "--json", "--silent"], options),
  );
  return Array.isArray(packed) ? Number(packed[0]?.unpackedSize) : Number.NaN;
}
