import type { CacheBounds, FileCache } from "./file-cache.ts";
import { LruSizes } from "./lru-sizes.ts";

/** A cache in this process's memory. */
export class MemoryCache implements FileCache {
  readonly entryBytesMax: number;
  readonly #entries = new Map<string, Uint8Array>();
  readonly #sizes: LruSizes;

  constructor(bounds: CacheBounds = {}) {
    this.#sizes = new LruSizes(bounds);
    this.entryBytesMax = this.#sizes.entryBytesMax;
  }

  /** Of all entries. */
  get bytes(): number {
    return this.#sizes.bytes;
  }

  async find(name: string): Promise<Uint8Array | undefined> {
    this.#sizes.touch(name);
    return this.#entries.get(name)?.slice();
  }

  async keep(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength > this.entryBytesMax) return;
    this.#entries.set(name, Uint8Array.from(bytes));
    this.#sizes.add(name, bytes.byteLength);
    for (const gone of this.#sizes.excess()) this.#entries.delete(gone);
  }
}
