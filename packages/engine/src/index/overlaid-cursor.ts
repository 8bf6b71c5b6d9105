import type { Change, Cursor, Entry } from "./ordered-store.ts";

/** A walk that sees `changes`, which stand in order of their keys, on top of what `cursor` walks over. */
export function overlaidCursor(cursor: Cursor, changes: readonly Change[]): Cursor {
  let position = 0;
  let below: readonly Entry[] = [];
  let taken = 0;
  return {
    async next(count) {
      const entries: Entry[] = [];
      while (entries.length < count) {
        if (taken === below.length) {
          below = await cursor.next(count);
          taken = 0;
        }
        const entry = below[taken];
        const change = changes[position];
        const order = compare(entry, change);
        if (order === undefined) break;
        if (order <= 0) taken += 1;
        if (order >= 0) position += 1;
        if (order < 0 && entry !== undefined) entries.push(entry);
        else if (change?.value !== undefined) entries.push([change.key, change.value]);
      }
      return entries;
    },
    seek(key) {
      cursor.seek(key);
      below = [];
      taken = 0;
      const found = changes.findIndex((change) => Buffer.compare(change.key, key) >= 0);
      position = found === -1 ? changes.length : found;
    },
    close: () => cursor.close(),
  };
}

/** Which of the two comes first; undefined when there is neither. */
function compare(entry: Entry | undefined, change: Change | undefined): number | undefined {
  if (entry === undefined) return change === undefined ? undefined : 1;
  return change === undefined ? -1 : Buffer.compare(entry[0], change.key);
}
