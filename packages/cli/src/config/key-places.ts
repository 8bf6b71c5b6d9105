import { didYouMean } from "@holdfast/protocol";
import { isMap, isScalar } from "yaml";
import { ConfigError } from "./config-error.ts";
import type { SettingRow } from "./settings.ts";

interface File {
  readonly path: string;
  /** A place in the file, from an offset in its text. */
  readonly place: (offset: number) => string;
}

interface Where extends File {
  readonly row: SettingRow;
}

/** A key of a map, and where it stands. */
export function keyOf(
  key: unknown,
  { path, place }: File,
): { readonly name: string; readonly at: string } {
  if (!isScalar(key)) return { name: "a key that is not text", at: path };
  return { name: String(key.value), at: key.range ? place(key.range[0]) : path };
}

/** Where each key below a setting stands. Throws a `ConfigError` for one that is not known, with the nearest that is. */
export function keyPlaces(node: unknown, where: Where): ReadonlyMap<string, string> {
  const places = new Map<string, string>();
  const { name, section } = where.row;
  if (section === undefined) return places;
  if (section.isNamed) {
    for (const [word, , value] of entries(node, where)) {
      addKeys(value, { ...where, prefix: `${name}.${word}`, places });
    }
  } else {
    addKeys(node, { ...where, prefix: name, places });
  }
  return places;
}

interface Adding extends Where {
  readonly prefix: string;
  readonly places: Map<string, string>;
}

function addKeys(node: unknown, { prefix, places, ...where }: Adding): void {
  const known = Object.keys(where.row.section?.keys ?? {});
  for (const [word, at] of entries(node, where)) {
    if (!known.includes(word)) {
      throw new ConfigError(
        `${JSON.stringify(word)} at ${at} is no key of ${prefix}`,
        `${didYouMean(word, known)}known are ${known.join(", ")}`,
      );
    }
    places.set(`${prefix}.${word}`, `${prefix}.${word} in ${at}`);
  }
}

function entries(
  node: unknown,
  where: Where,
): readonly (readonly [word: string, at: string, value: unknown])[] {
  if (!isMap(node)) return [];
  return node.items.map(({ key, value }) => {
    const { name, at } = keyOf(key, where);
    return [name, at, value] as const;
  });
}
