import { lowerBound } from "./lower-bound.ts";
import type { Change, Cursor, Entry, Moment, OrderedStore } from "./ordered-store.ts";

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
  const moment = (): Moment => {
    shared = true;
    const keys = (sorted ??= [...current.keys()].toSorted());
    const values = current;
    return {
      range: (start, end) => memoryCursor({ keys, values, start, end }),
      splits: (start, end) => memorySplits(keys, start, end),
      async close() {},
    };
  };
  return {
    get: (key) => current.get(key.toString("latin1")),
    assertAbsent: () => undefined,
    range: (start, end) => moment().range(start, end),
    moment,
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

/** Nearer to each other than those of a store on disk: simulations hold little. */
const entriesBetweenSplits = 64;

function memorySplits(keys: readonly string[], start: Buffer, end: Buffer): readonly Buffer[] {
  const splits: Buffer[] = [];
  const last = end.toString("latin1");
  let at = positionOf(start, keys) + entriesBetweenSplits;
  for (; splits.length < 4; at += entriesBetweenSplits) {
    const key = keys[at];
    if (key === undefined || key >= last) break;
    splits.push(Buffer.from(key, "latin1"));
  }
  return splits;
}

interface MemoryRange {
  readonly keys: readonly string[];
  readonly values: ReadonlyMap<string, Buffer>;
  readonly start: Buffer;
  readonly end: Buffer;
}

function memoryCursor({ keys, values, start, end }: MemoryRange): Cursor {
  const last = end.toString("latin1");
  let position = positionOf(start, keys);
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
      position = positionOf(key, keys);
    },
    async close() {},
  };
}

function positionOf(key: Buffer, keys: readonly string[]): number {
  const name = key.toString("latin1");
  return lowerBound(keys, (other) => other < name);
}
