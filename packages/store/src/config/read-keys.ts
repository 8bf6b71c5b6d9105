import { didYouMean } from "@holdfast/protocol";
import type { Group, Key, Keys, Values } from "./keys.ts";
import { quoted } from "./path-text.ts";
import type { Problems, Spot } from "./problems.ts";
import { Branch, unread } from "./take-in.ts";

const knownMax = 100;

/** What reading needs to know beside the keys. */
export interface Reading {
  readonly problems: Problems;
  /** What relative paths are meant from. */
  readonly folder: string;
}

/** What stands at some keys, or undefined if anything of it is wrong, which is then told. */
export function readKeys<K extends Keys>(
  keys: K,
  { given, at }: { readonly given: unknown; readonly at: Spot },
  reading: Reading,
): Values<K> | undefined {
  const { problems } = reading;
  const before = problems.count;
  const branch = branchOf(given, at, problems);
  if (branch === undefined) return undefined;
  for (const name of branch.keys()) {
    if (!Object.hasOwn(keys, name))
      problems.add([...at, name], noSuch("key", name, Object.keys(keys)));
  }
  const found: (readonly unknown[])[] = [];
  for (const [name, key] of Object.entries(keys)) {
    const value = read(key, { given: branch.get(name), at: [...at, name] }, reading);
    if (value !== undefined) found.push([name, value]);
  }
  return problems.count === before ? Object.fromEntries(found) : undefined;
}

/** A map of keys; whatever else is given is told of, unless it was already. */
export function branchOf(given: unknown, at: Spot, problems: Problems): Branch | undefined {
  if (given instanceof Branch) return given;
  if (given !== unread) problems.add(at, `must be a map of keys, not ${described(given)}`);
  return undefined;
}

/** Says that something is not known, and what may have been meant. */
export function noSuch(what: string, name: string, known: readonly string[]): string {
  const near = known.slice(0, knownMax);
  const rest = known.length > knownMax ? ` and ${known.length - knownMax} more` : "";
  const all =
    near.length === 0 ? "there are none" : `known are ${near.map(word).join(", ")}${rest}`;
  return `there is no such ${what}; ${didYouMean(name, near)}${all}`;
}

function read(
  key: Key | Group,
  { given, at }: { readonly given: unknown; readonly at: Spot },
  reading: Reading,
): unknown {
  if (given === unread) return undefined;
  const isGroup = "keys" in key;
  if (given === undefined) {
    if (!isGroup && key.required === true) reading.problems.add(at, "is missing");
    return undefined;
  }
  if (isGroup) return readKeys(key.keys, { given, at }, reading);
  const value = key.kind.read(given, reading.folder);
  if (value === undefined) {
    reading.problems.add(at, `must be ${key.kind.expects}, not ${described(given)}`);
  }
  return value;
}

/** A name that can be read without its quotes, or has them. */
function word(name: string): string {
  return /^[\w.-]{1,100}$/.test(name) ? name : quoted(name);
}

/** What sort of thing it is; nothing of the thing itself, which may be a secret. */
function described(given: unknown): string {
  if (given === "") return "empty";
  if (given === null || given === undefined) return "nothing";
  if (given instanceof Branch) return "a map of keys";
  if (Array.isArray(given)) return "a list";
  if (typeof given === "string") return "text like this";
  if (typeof given === "number") return "a number like this";
  return typeof given === "object" ? "an instance of something" : `a ${typeof given}`;
}
