import type { Pace } from "../disk/pace.ts";

/** A key and its new value, or undefined to delete it. */
export interface Change {
  readonly key: Buffer;
  readonly value: Buffer | undefined;
}

export type Entry = readonly [key: Buffer, value: Buffer];

/** Where a store's files are not what was written, and the keys that may have been there. */
export interface IndexDamage {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  /** First and last key, both inclusive. */
  readonly from: Buffer;
  readonly to: Buffer;
}

/** A walk over the store as it was when the walk began, in byte order of the keys. */
export interface Cursor {
  /** Up to `count` further entries; fewer than that says nothing, none at all is the end. */
  next(count: number): Promise<readonly Entry[]>;
  /** Goes on from the first key that is not below `key`. */
  seek(key: Buffer): void;
  close(): Promise<void>;
}

/** A store as it was at one moment. To be closed once its cursors are. */
export interface Moment {
  /** From `start`, inclusive, to `end`, exclusive. */
  range(start: Buffer, end: Buffer): Cursor;
  /**
   * Keys above `start` and below `end`, in order, with some thousands of entries between one and the
   * next: the first few of them, or none where none is known. A hint, and not of that moment.
   */
  splits(start: Buffer, end: Buffer): readonly Buffer[];
  close(): Promise<void>;
}

/**
 * Byte strings in byte order. What was applied is seen by every later read; it is durable only once
 * `flush` resolved, and a crash before that may keep any part of it.
 */
export interface OrderedStore {
  get(key: Buffer): Buffer | undefined;
  /** For a key that `get` did not find: throws when what it may have been in is damaged. */
  assertAbsent(key: Buffer): void;
  /** From `start`, inclusive, to `end`, exclusive. */
  range(start: Buffer, end: Buffer): Cursor;
  /** For several walks that see the same. */
  moment(): Moment;
  /** All or nothing to readers of this process. */
  apply(changes: readonly Change[]): Promise<void>;
  flush(): Promise<void>;
  /** About how many bytes it takes on disk. */
  bytes(): Promise<number>;
  /**
   * Reads all that is on disk and verifies it. Reads of keys that may have been in what is damaged
   * fail from then on: a key that rotted would look as if it had never been there.
   */
  check(pace: Pace): Promise<readonly IndexDamage[]>;
  close(): Promise<void>;
}

/** Opens the store of a directory, or makes it there; rejects while another process has it open. */
export type OpenStore = (directory: string) => Promise<OrderedStore>;
