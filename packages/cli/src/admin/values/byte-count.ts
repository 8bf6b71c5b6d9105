const factors: ReadonlyMap<string, number> = new Map<string, number>(
  ["K", "M", "G", "T", "P"].flatMap((letter, index) => [
    [`${letter}iB`, 1024 ** (index + 1)] as const,
    [`${letter}B`, 1000 ** (index + 1)] as const,
  ]),
).set("B", 1);

/** Ends the sentence "… must be". */
export const byteCountExpects = "a size with its unit, such as 8GiB, 500MB or 1024B";

/** Reads a size as people write it; undefined when it is none, or no whole number of bytes. */
export function parseByteCount(text: string): number | undefined {
  const [, digits, unit] = /^([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([A-Za-z]{1,3})$/.exec(text) ?? [];
  const factor = factors.get(unit ?? "");
  if (digits === undefined || factor === undefined) return undefined;
  const count = Number(digits) * factor;
  return Number.isSafeInteger(count) ? count : undefined;
}

/** A size for people: exact in its unit where that is short, else with two decimals. */
export function formatByteCount(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = count;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${Number(value.toFixed(2))} ${units[unit]}`;
}
