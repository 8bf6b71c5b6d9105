/** Where bytes are kept by name. None of it ever rejects: what goes wrong with a cache is a miss. */
export interface FileCache {
  /** The largest entry that is kept, in bytes. */
  readonly entryBytesMax: number;
  /** The bytes under a name, which the caller may change; undefined if they are not there. */
  find(name: string): Promise<Uint8Array | undefined>;
  /** Keeps bytes that are not too many; the caller may change its own afterwards. */
  keep(name: string, bytes: Uint8Array): Promise<void>;
}

/** What a cache may hold. */
export interface CacheBounds {
  /** Of all entries: 64 MiB by default. The entries unused for longest make room. */
  readonly bytesMax?: number | undefined;
  /** 10,000 by default. */
  readonly entriesMax?: number | undefined;
  /** Of one entry: 8 MiB by default, and no more than of all. Larger ones are not kept. */
  readonly entryBytesMax?: number | undefined;
}
