import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { variable, type Environment } from "./environment.ts";
import { readIni, type Section } from "./ini.ts";
import { invalidConfiguration } from "./invalid-configuration.ts";
import { readSmallFile } from "./read-small-file.ts";

/** Which profile of which files. */
export interface SharedFilesOptions {
  /** AWS_PROFILE by default, or else `default`. */
  readonly profile?: string | undefined;
  /** AWS_CONFIG_FILE by default, or else `~/.aws/config`. When it is given here it must exist. */
  readonly configFile?: string | undefined;
  /** AWS_SHARED_CREDENTIALS_FILE by default, or else `~/.aws/credentials`. When it is given here it must exist. */
  readonly credentialsFile?: string | undefined;
  /** `process.env` by default, read anew each time. */
  readonly environment?: Environment | undefined;
}

/** What the two files say together. */
export interface SharedFiles {
  /** The name of the profile that was asked for. */
  readonly profile: string;
  /** Its settings, those of the credentials file before those of the config file; undefined where neither has it. */
  readonly settings: Section | undefined;
  /** The config file's `[services NAME]` sections, by name. */
  readonly services: ReadonlyMap<string, Section>;
  /** Both paths, for messages. */
  readonly looked: string;
}

interface File {
  readonly path: string;
  readonly sections: ReadonlyMap<string, Section>;
}

interface Place {
  readonly given: string | undefined;
  readonly variable: string;
  /** Within `~/.aws`. */
  readonly name: string;
}

/** Reads both files; a missing one is empty. Rejects with InvalidConfiguration for one that cannot be read or makes no sense. */
export async function readSharedFiles(options: SharedFilesOptions): Promise<SharedFiles> {
  const environment = options.environment ?? process.env;
  const [config, credentials] = await Promise.all([
    readPlace(environment, {
      given: options.configFile,
      variable: "AWS_CONFIG_FILE",
      name: "config",
    }),
    readPlace(environment, {
      given: options.credentialsFile,
      variable: "AWS_SHARED_CREDENTIALS_FILE",
      name: "credentials",
    }),
  ]);
  const looked = `${credentials.path} and ${config.path}`;
  const asked = options.profile ?? variable(environment, "AWS_PROFILE");
  const profile = asked ?? "default";
  const below = sectionOf(config.sections, "profile", profile);
  const above = credentials.sections.get(profile);
  const known = below !== undefined || above !== undefined;
  if (asked !== undefined && !known) {
    throw invalidConfiguration(looked, `the profile ${JSON.stringify(profile)} is in neither.`);
  }
  const settings = known ? new Map([...(below ?? []), ...(above ?? [])]) : undefined;
  return { profile, settings, services: servicesIn(config.sections), looked };
}

/** A section of the config file by kind and name, which may be quoted; `[default]` needs no kind. */
function sectionOf(
  sections: ReadonlyMap<string, Section>,
  kind: string,
  wanted: string,
): Section | undefined {
  const found = [...sections].filter(([text]) => nameWithin(text, kind) === wanted);
  const merged = found.flatMap(([, section]) => [...section]);
  if (found.length > 0) return new Map(merged);
  return kind === "profile" && wanted === "default" ? sections.get("default") : undefined;
}

function servicesIn(sections: ReadonlyMap<string, Section>): ReadonlyMap<string, Section> {
  const named = [...sections].map(
    ([text, section]) => [nameWithin(text, "services"), section] as const,
  );
  return new Map(named.flatMap(([name, section]) => (name === undefined ? [] : [[name, section]])));
}

/** What follows the kind in a section's text: x in `profile x`, `profile "x"` and `profile 'x'`. */
function nameWithin(text: string, kind: string): string | undefined {
  const [, found, name] = /^(\w+)\s+(.*)$/.exec(text) ?? [];
  if (found !== kind || name === undefined) return undefined;
  return /^(["'])(.*)\1$/.exec(name)?.[2] ?? name;
}

async function readPlace(environment: Environment, place: Place): Promise<File> {
  const home = variable(environment, "HOME", "USERPROFILE") ?? homedir();
  const named = place.given ?? variable(environment, place.variable);
  const path = named?.replace(/^~(?=[/\\])/, home) ?? join(home, ".aws", place.name);
  const text = await readText(path, place.given === undefined);
  return { path, sections: readIni(text, path) };
}

async function readText(path: string, mayBeMissing: boolean): Promise<string> {
  try {
    const bytes = await readSmallFile(path);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    if (mayBeMissing && !(await isThere(path))) return "";
    throw invalidConfiguration(path, "cannot be read as text.", cause);
  }
}

/** Not so below a directory that is closed to this process, such as another user's home in a container. */
async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
