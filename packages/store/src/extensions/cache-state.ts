import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { FileInfo } from "../kernel/results.ts";
import type { FileCache } from "./file-cache.ts";
import { SingleFlight } from "./single-flight.ts";

/** How to cache. */
export interface CachedOptions {
  readonly cache: FileCache;
  /**
   * What tells this backend from every other whose files are in the cache, such as the URL of its bucket. Without it the
   * entries are this store's and its children's alone, and nobody's once they are gone.
   */
  readonly identity?: string | undefined;
  /** How long to go by what is known of a file before the backend is asked again, in milliseconds: 0 by default. */
  readonly freshMs?: number | undefined;
  /** How long a file that was `NotFound` is missing without asking again, in milliseconds: 0 by default. */
  readonly missingMs?: number | undefined;
  /** Milliseconds by a clock that never goes back. */
  readonly now?: (() => number) | undefined;
}

/** A file with its bytes, which are those that its etag says. */
export interface CachedFile {
  readonly info: FileInfo;
  readonly bytes: Uint8Array;
}

/** What is known of a key: the file, or why there is none. */
export type Known = FileInfo | RemoteStoreError;

/** Of how many files something is known; the one that was learnt of first makes room. */
const knownMax = 10_000;

/** What a cached store and its children have in common. */
export class CacheState {
  readonly cache: FileCache;
  /** Undefined where there is nothing that can be kept. */
  readonly flights = new SingleFlight<CachedFile | undefined>();
  readonly #known = new Map<string, { readonly what: Known; readonly atMs: number }>();
  readonly #identity: string;
  readonly #freshMs: number;
  readonly #missingMs: number;
  readonly #now: () => number;
  /** Counts what may have changed something. */
  #epoch = 0;

  constructor(options: CachedOptions, backend: string) {
    const { identity = crypto.randomUUID(), freshMs = 0, missingMs = 0 } = options;
    this.cache = options.cache;
    this.#identity = JSON.stringify([identity, backend]);
    this.#freshMs = freshMs;
    this.#missingMs = missingMs;
    this.#now = options.now ?? (() => performance.now());
  }

  /** What the bytes of a key with an etag are kept under: different for whatever differs in any of them. */
  nameOf(key: string, etag: string): string {
    return JSON.stringify([this.#identity, key, etag]);
  }

  /** Whether anything is known of a key, however old. */
  isKnown(key: string): boolean {
    return this.#known.has(key);
  }

  /** What is known of a key, if it is not too old. */
  fresh(key: string): Known | undefined {
    const known = this.#known.get(key);
    if (known === undefined) return undefined;
    const { what, atMs } = known;
    const forMs = RemoteStoreError.is(what) ? this.#missingMs : this.#freshMs;
    return this.#now() - atMs < forMs ? what : undefined;
  }

  /** Call it before the backend is asked, and what it gives with the answer: one that something overtook is not kept. */
  asking(key: string): (what: Known) => void {
    const atMs = this.#now();
    const epoch = this.#epoch;
    return (what) => {
      if (epoch === this.#epoch) this.#learn(key, what, atMs);
    };
  }

  /** Nothing is known any more of keys that may have changed, and nobody is given what was asked for before. */
  forget(isMeant: (key: string) => boolean): void {
    this.#epoch += 1;
    for (const key of this.#known.keys()) if (isMeant(key)) this.#known.delete(key);
    this.flights.detach((name) => isMeant(keyOfFlight(name)));
  }

  #learn(key: string, what: Known, atMs: number): void {
    this.#known.delete(key);
    this.#known.set(key, { what, atMs });
    const oldest = this.#known.keys().next();
    if (this.#known.size > knownMax && oldest.done !== true) this.#known.delete(oldest.value);
  }
}

/** Names a flight: a store and its child have other paths for a key, and errors of their own. */
export function flightOf(key: string, path: string): string {
  return `${key}\0${path}`;
}

function keyOfFlight(name: string): string {
  return name.slice(0, name.indexOf("\0"));
}
