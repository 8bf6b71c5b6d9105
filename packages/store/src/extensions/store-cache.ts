import { createHash } from "node:crypto";
import { tell } from "@holdfast/client";
import type { CacheBounds, FileCache } from "./file-cache.ts";
import { LruSizes } from "./lru-sizes.ts";
import type { StoreLike } from "./store-like.ts";

/** Where a cache is, and what it may hold. */
export interface StoreCacheOptions extends CacheBounds {
  /** A store, as a rule on a local disk, or a child of one. It belongs to one cache of one process. */
  readonly store: StoreLike;
  /** Told what went wrong with the cache. No read fails by it. */
  readonly onError?: ((error: unknown) => unknown) | undefined;
}

const entryName = /^[0-9a-f]{64}$/;
const digestBytes = 32;

/**
 * A cache in a store, which outlives the process. Each entry has the digest of its name and its bytes before it, so that
 * one that has rotted, was cut off or was put there by somebody else is a miss, and is deleted.
 */
export class StoreCache implements FileCache {
  readonly entryBytesMax: number;
  readonly #store: StoreLike;
  readonly #onError: ((error: unknown) => unknown) | undefined;
  readonly #sizes: LruSizes;
  #opening: Promise<void> | undefined;

  constructor({ store, onError, ...bounds }: StoreCacheOptions) {
    this.#store = store;
    this.#onError = onError;
    this.#sizes = new LruSizes(bounds);
    this.entryBytesMax = this.#sizes.entryBytesMax - digestBytes;
  }

  async find(name: string): Promise<Uint8Array | undefined> {
    const id = idOf(name);
    try {
      await this.#open();
      if (!this.#sizes.has(id)) return undefined;
      this.#sizes.touch(id);
      const entry = await this.#store.readBytes(pathOf(id));
      const bytes = entry.subarray(digestBytes);
      if (digestOf(name, bytes).equals(entry.subarray(0, digestBytes))) return bytes;
      await this.#drop(id);
    } catch (error) {
      this.#sizes.remove(id);
      tell(this.#onError, error);
    }
    return undefined;
  }

  async keep(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength > this.entryBytesMax) return;
    const id = idOf(name);
    try {
      await this.#open();
      const entry = Buffer.concat([digestOf(name, bytes), bytes]);
      await this.#store.write(pathOf(id), entry, { overwrite: true });
      this.#sizes.add(id, entry.byteLength);
      await this.#trim();
    } catch (error) {
      tell(this.#onError, error);
    }
  }

  /** Takes stock once; again if that failed. */
  async #open(): Promise<void> {
    this.#opening ??= this.#takeStock();
    try {
      await this.#opening;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async #takeStock(): Promise<void> {
    const found: { readonly id: string; readonly size: number; readonly writtenMs: number }[] = [];
    for await (const { name, path, size, modifiedAt } of this.#store.listFiles("", {
      recursive: true,
    })) {
      if (!entryName.test(name) || path !== pathOf(name)) continue;
      found.push({ id: name, size, writtenMs: modifiedAt?.getTime() ?? 0 });
    }
    for (const { id, size } of found.toSorted((one, other) => one.writtenMs - other.writtenMs)) {
      this.#sizes.add(id, size);
    }
    await this.#trim();
  }

  async #trim(): Promise<void> {
    for (const id of this.#sizes.excess()) await this.#drop(id);
  }

  async #drop(id: string): Promise<void> {
    this.#sizes.remove(id);
    await this.#store.delete(pathOf(id), { missingOk: true });
  }
}

/** No name can lead out of the cache or to another's entry, whatever characters and cases its backend tells apart. */
function idOf(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}

/** In folders, since a disk may be slow with as many files in one as a cache can have. */
function pathOf(id: string): string {
  return `${id.slice(0, 2)}/${id}`;
}

/** The name's length goes first, so that no other name and bytes come to the same. */
function digestOf(name: string, bytes: Uint8Array): Buffer {
  const hash = createHash("sha256").update(`${Buffer.byteLength(name)}:${name}`);
  return hash.update(bytes).digest();
}
