export type Entry = readonly [key: Buffer, value: Buffer];

/** Moves over keys in byte order without reading what lies between two seeks. */
export interface Cursor {
  /** The first key at or after `from`. */
  seek(from: Buffer): Promise<Buffer | undefined>;
  close(): Promise<void>;
}

/** What the engine asks of its index, and no more. */
export interface Candidate {
  /** One atomic batch; with `synced` it is on stable storage when the promise resolves. */
  write(entries: readonly Entry[], options: { readonly synced: boolean }): Promise<void>;
  get(key: Buffer): Promise<Buffer | undefined>;
  getSync(key: Buffer): Buffer | undefined;
  /** Up to `limit` entries at or after `from`, in byte order. */
  page(from: Buffer, limit: number): Promise<readonly Entry[]>;
  cursor(): Cursor;
  /** Everything written so far is on stable storage when the promise resolves. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Opens, or makes, a store in a directory of its own. */
export type OpenCandidate = (directory: string) => Promise<Candidate>;
