import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** A library or program that a subject needs and that is not there. */
export class NotInstalledError extends Error {
  override readonly name = "NotInstalledError";
  readonly code = "NotInstalled";
}

function entryOf(specifier: string): string {
  const here = createRequire(join(process.cwd(), "from-here.js"));
  try {
    return here.resolve(specifier);
  } catch (cause) {
    const sentence = `${specifier} is not installed in ${process.cwd()}: npm install ${specifier}`;
    throw new NotInstalledError(sentence, { cause });
  }
}

/** The module as it is installed where the user stands; rejects with a `NotInstalledError`. */
export function installedModule<Module>(specifier: string): Promise<Module> {
  return import(pathToFileURL(entryOf(specifier)).href);
}

/**
 * The version of a package that is installed where the user stands; rejects with a `NotInstalledError`. The package and
 * the other modules are loaded then, so that no scenario's time goes into it.
 */
export async function installedVersion(name: string, ...others: string[]): Promise<string> {
  await Promise.all([name, ...others].map((one) => installedModule(one)));
  let directory = dirname(entryOf(name));
  while (directory !== dirname(directory)) {
    const file = join(directory, "package.json");
    const found: { readonly name?: string; readonly version?: string } = existsSync(file)
      ? JSON.parse(readFileSync(file, "utf8"))
      : {};
    if (found.name === name && found.version !== undefined) return found.version;
    directory = dirname(directory);
  }
  throw new NotInstalledError(`${name} is installed without a package.json that names its version`);
}
