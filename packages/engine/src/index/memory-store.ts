import type { Change, Cursor, Entry, OrderedStore } from "./ordered-store.ts";

/** What a memory store keeps when its process goes: share one between opens to play a restart. */
export interface MemoryImage {
  /** Entries by the latin-1 form of their keys. */
  durable: ReadonlyMap<string, Buffer>;
  /** Batches applied since the last flush, the oldest first. */
  unflushed: (readonly Change[])[];
}

/** An ordered store in memory, for simulations: it loses what the image's owner drops of `unflushed`. */
export function memoryStore(image: MemoryImage): OrderedStore {
  let current = new Map(image.durable);
  let sorted: readonly string[] | undefined;
  // Cursors and the image keep the map that they were given.
  let shared = false;
  for (const batch of image.unflushed) write(current, batch);
  return {
    get: (key) => current.get(key.toString("latin1")),
    assertAbsent: () => undefined,
    range(start, end) {
      shared = true;
      sorted ??= [...current.keys()].toSorted();
      return memoryCursor({ keys: sorted, values: current, start, end });
    },
    async apply(changes) {
      if (shared) current = new Map(current);
      shared = false;
      sorted = undefined;
      write(current, changes);
      image.unflushed.push(changes);
    },
    async flush() {
      shared = true;
      image.durable = current;
      image.unflushed = [];
    },
    bytes: async () => 0,
    check: async () => [],
    async close() {},
  };
}

function write(map: Map<string, Buffer>, changes: readonly Change[]): void {
  for (const { key, value } of changes) {
    if (value === undefined) map.delete(key.toString("latin1"));
    else map.set(key.toString("latin1"), value);
  }
}

interface MemoryRange {
  readonly keys: readonly string[];
  readonly values: ReadonlyMap<string, Buffer>;
  readonly start: Buffer;
  readonly end: Buffer;
}

function memoryCursor({ keys, values, start, end }: MemoryRange): Cursor {
  const last = end.toString("latin1");
  let position = lowerBound(keys, start.toString("latin1"));
  return {
    async next(count) {
      const entries: Entry[] = [];
      for (; entries.length < count; position += 1) {
        const key = keys[position];
        const value = key === undefined ? undefined : values.get(key);
        if (key === undefined || value === undefined || key >= last) break;
        entries.push([Buffer.from(key, "latin1"), value]);
      }
      return entries;
    },
    seek(key) {
      position = lowerBound(keys, key.toString("latin1"));
    },
    async close() {},
  };
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
