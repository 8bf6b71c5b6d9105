import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** The version of one of Holdfast's packages, as this one depends on it. */
export async function ownVersion(name: string): Promise<string> {
  const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
  const manifest: unknown = JSON.parse(await readFile(path, "utf8"));
  const version: unknown = Object(manifest).version;
  return typeof version === "string" ? version : "unknown";
}
