import type { Verb } from "@holdfast/protocol";

/** Every verb, in the order in which they are written down. */
export const verbs = [
  "read",
  "write",
  "list",
  "delete",
  "manage",
] as const satisfies readonly Verb[];

const sets = new Map<string, ReadonlySet<Verb>>();

/** As a row of a grant has them. */
export function renderVerbs(some: ReadonlySet<Verb> | readonly Verb[]): string {
  const set = new Set(some);
  return verbs.filter((verb) => set.has(verb)).join(",");
}

/** What a row says, one set for all rows that say the same; nothing if it says something else. */
export function parseVerbs(text: string): ReadonlySet<Verb> | undefined {
  const known = sets.get(text);
  if (known !== undefined) return known;
  const names = text.split(",");
  const set = new Set(verbs.filter((verb) => names.includes(verb)));
  if (renderVerbs(set) !== text || set.size === 0) return undefined;
  sets.set(text, set);
  return set;
}
