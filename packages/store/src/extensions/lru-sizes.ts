import { toStoreError } from "../errors/to-store-error.ts";
import type { CacheBounds } from "./file-cache.ts";

/** The sizes of entries, the one unused for longest first, and which have to go. */
export class LruSizes {
  readonly entryBytesMax: number;
  readonly #bytesMax: number;
  readonly #entriesMax: number;
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  constructor({ bytesMax = 2 ** 26, entriesMax = 10_000, entryBytesMax = 2 ** 23 }: CacheBounds) {
    for (const bound of [bytesMax, entriesMax, entryBytesMax]) requireBound(bound);
    this.#bytesMax = bytesMax;
    this.#entriesMax = entriesMax;
    this.entryBytesMax = Math.min(entryBytesMax, bytesMax);
  }

  /** Of all entries. */
  get bytes(): number {
    return this.#bytes;
  }

  has(name: string): boolean {
    return this.#sizes.has(name);
  }

  /** Marks an entry as used now. */
  touch(name: string): void {
    const size = this.#sizes.get(name);
    if (size === undefined) return;
    this.#sizes.delete(name);
    this.#sizes.set(name, size);
  }

  add(name: string, size: number): void {
    this.remove(name);
    this.#sizes.set(name, size);
    this.#bytes += size;
  }

  remove(name: string): void {
    this.#bytes -= this.#sizes.get(name) ?? 0;
    this.#sizes.delete(name);
  }

  /** Takes out what no longer has room, and names it. */
  *excess(): Generator<string> {
    for (const name of this.#sizes.keys()) {
      if (this.#bytes <= this.#bytesMax && this.#sizes.size <= this.#entriesMax) return;
      this.remove(name);
      yield name;
    }
  }
}

function requireBound(bound: number): void {
  if (bound >= 0) return;
  const message = "A bound of a cache is a number from 0.";
  throw toStoreError({ kind: "invalid-request", message }, { operation: "cached", backend: "" });
}
