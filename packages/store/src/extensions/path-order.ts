/** Where a path stands in a listing: listings go by the bytes of keys, folders as if they ended in a slash. */
export function listedAs(entry: {
  readonly kind: "file" | "folder";
  readonly path: string;
}): string {
  return entry.kind === "folder" ? `${entry.path}/` : entry.path;
}

/** The order of listings: that of the bytes in UTF-8, which is not that of JavaScript's strings. */
export function comparePaths(one: string, other: string): number {
  const end = Math.min(one.length, other.length);
  let at = 0;
  while (at < end && one.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  if (at === end) return one.length - other.length;
  return rankOf(one.charCodeAt(at)) - rankOf(other.charCodeAt(at));
}

/** Surrogates stand for characters behind all others. */
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}
