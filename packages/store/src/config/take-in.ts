import { interpolate, type Environment } from "./interpolate.ts";
import type { Problems, Spot } from "./problems.ts";

/** What could not be taken in: the problem is already told, and nobody else has to look. */
export const unread: unique symbol = Symbol("unread");

/** What was a map of keys. */
export class Branch extends Map<string, unknown> {}

const depthMax = 16;
const nodesMax = 100_000;

interface TakingIn {
  readonly environment: Environment | undefined;
  readonly problems: Problems;
  left: number;
}

/**
 * Copies what was given, own keys alone, so that nothing which changes or answers differently the next time has a say
 * afterwards; and fills in variables, where there is an environment. Maps of keys become branches, lists stay lists,
 * and instances of anything are taken as they are.
 */
export function takeIn(
  given: unknown,
  environment: Environment | undefined,
  problems: Problems,
): unknown {
  return copyOf(() => given, [], { environment, problems, left: nodesMax });
}

function copyOf(read: () => unknown, at: Spot, work: TakingIn): unknown {
  try {
    const given = read();
    if (typeof given === "string") return filledIn(given, at, work);
    if (Array.isArray(given)) {
      if (!fits(given.length, at, work)) return unread;
      return Array.from(given, (one: unknown, index) =>
        copyOf(() => one, [...at, `${index}`], work),
      );
    }
    if (!isPlain(given)) return given;
    const keys = Object.keys(given);
    if (!fits(keys.length, at, work)) return unread;
    const valueOf = (key: string): unknown => Reflect.get(given, key);
    return new Branch(keys.map((key) => [key, copyOf(() => valueOf(key), [...at, key], work)]));
  } catch {
    // Its error may hold anything, a secret too.
    work.problems.add(at, "cannot be read");
    return unread;
  }
}

function fits(count: number, at: Spot, work: TakingIn): boolean {
  work.left -= count;
  if (at.length < depthMax && work.left >= 0) return true;
  work.problems.add(at, "is nested too deeply, or has too much in it");
  return false;
}

function filledIn(text: string, at: Spot, { environment, problems }: TakingIn): unknown {
  if (environment === undefined) return text;
  const filled = interpolate(text, environment);
  if ("text" in filled) return filled.text;
  problems.add(at, filled.problem);
  return unread;
}

/** Whether it is a map of keys, also one of another realm, and not an instance of something. */
function isPlain(given: unknown): given is object {
  if (typeof given !== "object" || given === null) return false;
  const parent: unknown = Object.getPrototypeOf(given);
  return parent === null || Object.getPrototypeOf(parent) === null;
}
