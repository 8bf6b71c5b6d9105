import type { Verb } from "@holdfast/protocol";

const verbs = ["read", "write", "list", "delete", "manage"] as const satisfies readonly Verb[];

/** Ends the sentence "… must be". */
export const verbsExpect = `some of ${verbs.join(", ")}, with commas between them`;

/** Reads verbs with commas between them; undefined when one is none, or is there twice. */
export function parseVerbs(text: string): readonly Verb[] | undefined {
  const given = text.split(",").map((word) => word.trim());
  const known = given.flatMap((word) => verbs.find((verb) => verb === word) ?? []);
  const isSound = known.length === given.length && new Set(known).size === known.length;
  return isSound ? known : undefined;
}
