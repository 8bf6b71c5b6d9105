import { jsonIn, textIn } from "../decoded.ts";
import { NotFound } from "../errors/classes.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { toStoreError } from "../errors/to-store-error.ts";
import type { FileStream } from "../kernel/file-stream.ts";
import type { CallOptions, ReadOptions } from "../kernel/reads.ts";
import type { FileInfo, Folder } from "../kernel/results.ts";
import { prefixOf } from "../path.ts";
import type { Resolution } from "../store.ts";
import { CacheState, flightOf, type CachedFile, type CachedOptions } from "./cache-state.ts";
import { LayeredStore, type Carry, type Listing } from "./layered-store.ts";
import { layeredStream } from "./layered-stream.ts";
import type { StoreCall } from "./store-call.ts";
import type { FileReader, FileWriter, StoreLike } from "./store-like.ts";

/**
 * A store whose files are read from a cache as long as the backend says that they have not changed: by default it is
 * asked before each read. Bytes are kept under backend, key and etag, so that none is served with an etag that is not
 * its own; files without an etag, ranges of files that are not kept, and failures are not kept. What is written through
 * the store is read as it was written.
 */
export function cached(store: StoreLike, options: CachedOptions): StoreLike {
  return new CachedStore(store, new CacheState(options, store.resolve("").backend));
}

class CachedStore extends LayeredStore {
  readonly #state: CacheState;

  constructor(inner: StoreLike, state: CacheState) {
    super(inner);
    this.#state = state;
  }

  override async readBytes(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
    const file = await this.#file("readBytes", path, options);
    return file === undefined ? this.inner.readBytes(path, options) : partOf(file, options);
  }

  override async readText(path: string, options: ReadOptions = {}): Promise<string> {
    const file = await this.#file("readText", path, options);
    const text = made(file, { options, make: textIn });
    return text === undefined ? this.inner.readText(path, options) : text.value;
  }

  override async readJson(path: string, options: ReadOptions = {}): Promise<unknown> {
    const file = await this.#file("readJson", path, options);
    const said = made(file, { options, make: jsonIn });
    return said === undefined ? this.inner.readJson(path, options) : said.value;
  }

  override async getFileInfo(path: string, options: CallOptions = {}): Promise<FileInfo> {
    const place = this.#place(path, options);
    if (place === undefined) return this.inner.getFileInfo(path, options);
    const known = this.#known(place, "getFileInfo");
    if (known !== undefined) return known;
    return this.#ask(place, options);
  }

  protected async opened(call: StoreCall, options: ReadOptions): Promise<FileStream> {
    const file = await this.#file(call.operation, call.path, options);
    if (file === undefined) return this.inner.read(call.path, options);
    const { backend } = this.inner.resolve("");
    return layeredStream(file.info, once(partOf(file, options)), { ...call, backend });
  }

  protected async call<T>(call: StoreCall, carry: Carry<T>): Promise<T> {
    if (call.changes === "nothing") return carry(call.signal);
    this.#forget(call);
    try {
      return await carry(call.signal);
    } finally {
      // Whoever read meanwhile may have read what was there before.
      this.#forget(call);
    }
  }

  protected reader(_call: StoreCall, open: () => Promise<FileReader>): Promise<FileReader> {
    return open();
  }

  protected listed<T extends FileInfo | Folder>(
    _call: StoreCall,
    list: () => Listing<T>,
  ): Listing<T> {
    return list();
  }

  protected async writer(call: StoreCall, open: () => Promise<FileWriter>): Promise<FileWriter> {
    const writer = await open();
    const ended = <T>(end: () => Promise<T>): Promise<T> => this.call(call, end);
    return {
      write: (bytes) => writer.write(bytes),
      commit: () => ended(() => writer.commit()),
      abort: () => ended(() => writer.abort()),
      [Symbol.asyncDispose]: () => ended(() => writer.abort()),
    };
  }

  protected around(inner: StoreLike): StoreLike {
    return new CachedStore(inner, this.#state);
  }

  /** A file from the cache, or through it; undefined where the store is to be asked itself. */
  async #file(
    operation: string,
    path: string,
    options: ReadOptions,
  ): Promise<CachedFile | undefined> {
    const { offset = 0, length, ifMatch, signal } = options;
    const place = this.#place(path, options);
    const isWhole = offset === 0 && length === undefined;
    if (place === undefined || !(isWhole || this.#isKept(place.key, options))) return undefined;
    this.#known(place, operation);
    const { key, backend } = place;
    const file = await this.#state.flights.join(
      flightOf(key, place.path),
      (work) => this.#fetch(place, work),
      { operation, backend, path: place.path, signal },
    );
    // Why it is not that one is for the backend to say.
    return ifMatch === undefined || file?.info.etag === ifMatch ? file : undefined;
  }

  async #fetch(place: Resolution, signal: AbortSignal): Promise<CachedFile | undefined> {
    const { cache } = this.#state;
    const info = this.#known(place, "read") ?? (await this.#ask(place, { signal }));
    if (info.etag === undefined || info.size > cache.entryBytesMax) return undefined;
    const bytes = await cache.find(this.#state.nameOf(place.key, info.etag));
    if (bytes?.byteLength === info.size) return { info, bytes };
    const learn = this.#state.asking(place.key);
    await using stream = await this.inner.read(place.path, { signal });
    learn(stream.info);
    const { etag, size } = stream.info;
    if (etag === undefined || size > cache.entryBytesMax) return undefined;
    const file = { info: stream.info, bytes: await stream.bytes() };
    if (file.bytes.byteLength !== size) return undefined;
    await cache.keep(this.#state.nameOf(place.key, etag), file.bytes);
    return file;
  }

  /** What the backend says of a file now. */
  async #ask({ path, key }: Resolution, options: CallOptions): Promise<FileInfo> {
    const learn = this.#state.asking(key);
    try {
      const info = await this.inner.getFileInfo(path, options);
      learn(info);
      return info;
    } catch (error) {
      if (NotFound.is(error)) learn(error);
      throw error;
    }
  }

  /** What is known of a file and not too old, by the name that it has here. Throws `NotFound` where that is known. */
  #known({ path, key, backend }: Resolution, operation: string): FileInfo | undefined {
    const known = this.#state.fresh(key);
    if (!RemoteStoreError.is(known)) return known && { ...known, path };
    throw toStoreError({ kind: "not-found", cause: known }, { operation, backend, path });
  }

  /** Where a path leads; undefined if the store itself has to refuse, or cannot say what a file is. */
  #place(path: string, { signal }: CallOptions): Resolution | undefined {
    if (signal?.aborted === true || !this.inner.supports("metadata")) return undefined;
    const place = this.#resolved(path);
    return place?.path === "" ? undefined : place;
  }

  #resolved(path: string): Resolution | undefined {
    try {
      return this.inner.resolve(path);
    } catch {
      return undefined;
    }
  }

  /** Whether part of a file may well be in the cache, and what part is one that there can be. */
  #isKept(key: string, { offset = 0, length = 1 }: ReadOptions): boolean {
    const isPart = Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(length);
    return isPart && length >= 1 && this.#state.isKnown(key);
  }

  #forget({ path, to, changes }: StoreCall): void {
    for (const changed of to === undefined ? [path] : [path, to]) {
      const place = this.#resolved(changed);
      if (place === undefined) continue;
      const below = changes === "folders" ? prefixOf(place.key) : undefined;
      this.#state.forget(
        (key) => key === place.key || (below !== undefined && key.startsWith(below)),
      );
    }
  }
}

/** Bytes of a file that nobody else has. */
function partOf({ bytes }: CachedFile, { offset = 0, length }: ReadOptions): Uint8Array {
  return bytes.slice(offset, length === undefined ? undefined : offset + length);
}

/** What a file comes to; undefined if there is none, or for the store to say why it comes to nothing. */
function made<T>(
  file: CachedFile | undefined,
  { options, make }: { readonly options: ReadOptions; readonly make: (bytes: Uint8Array) => T },
): { readonly value: T } | undefined {
  if (file === undefined) return undefined;
  try {
    return { value: make(partOf(file, options)) };
  } catch {
    return undefined;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}
