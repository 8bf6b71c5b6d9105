import type { Capability } from "./capability.ts";
import type { Failure } from "./errors/driver-failure.ts";

/** A file as a backend knows it. What the backend does not say is left out, never made up. */
export interface FileStat {
  readonly kind: "file";
  /** In bytes. */
  readonly size: number;
  /** Changes whenever the bytes do. */
  readonly etag?: string | undefined;
  readonly modifiedAt?: Date | undefined;
}

/** A folder of a backend that has such things. */
export interface FolderStat {
  readonly kind: "folder";
}

/** Ends what is under way. */
export interface DriverOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Which bytes to read. */
export interface DriverGetOptions extends DriverOptions {
  /** The first byte. Past the end there are none, which is no failure. */
  readonly offset?: number | undefined;
  /** How many at most, at least one. */
  readonly length?: number | undefined;
  /** Only if the file has this etag, else `precondition-failed`. */
  readonly ifMatch?: string | undefined;
}

/** A file opened for reading. */
export interface OpenedFile {
  /** The size is that of the whole file. */
  readonly stat: FileStat;
  /** Its iterator's `return` lets go of everything, also before the first piece. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** When to write. */
export interface DriverPutOptions extends DriverOptions {
  /** `absent`: only where nothing is, else `already-exists` or `precondition-failed`; an etag: only over the file that has it. */
  readonly condition?: "absent" | { readonly etag: string } | undefined;
}

/** What was written. */
export interface Written {
  readonly size: number;
  readonly etag?: string | undefined;
  readonly modifiedAt?: Date | undefined;
}

/** Whether what is at the target may be replaced. */
export interface DriverCopyOptions extends DriverOptions {
  readonly overwrite: boolean;
}

/** What a listing has of a file. */
export interface FileEntry extends FileStat {
  readonly key: string;
}

/** What a listing has of a folder: its key has no slash at the end. */
export interface FolderEntry extends FolderStat {
  readonly key: string;
}

/** Some of a listing, in the order of the keys' bytes, folders as if they ended in a slash. */
export interface ListPage {
  readonly entries: readonly (FileEntry | FolderEntry)[];
  /** Reads on; absent on the last page. */
  readonly next?: (() => Promise<ListPage>) | undefined;
}

/** What to list. */
export interface DriverListOptions extends DriverOptions {
  /** All files however deep and no folders, instead of the folder's own files and folders. */
  readonly recursive: boolean;
  /** Of one page, if fewer are enough. */
  readonly entriesMax?: number | undefined;
}

/**
 * What a backend has to do; the kernel does the rest. Keys are canonical, the root is the empty one and no driver is
 * asked to write it. A method rejects with whatever failed: `failureOf` says what that means.
 */
export interface Driver {
  /** As it stands in errors. */
  readonly name: string;
  readonly capabilities: ReadonlySet<Capability>;
  /**
   * `tree`: a file and a folder never have the same key, and a missing key is under neither. `flat`: keys are mere
   * names, and a folder is what they share.
   */
  readonly namespace: "flat" | "tree";
  /** What is at a key; rejects as `not-found` if nothing is. A flat one knows files only. */
  stat(key: string, options: DriverOptions): Promise<FileStat | FolderStat>;
  get(key: string, options: DriverGetOptions): Promise<OpenedFile>;
  /** Stores a file with the folders above it, whole or not at all. What the body fails with is what it rejects with, or its cause. */
  put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    options: DriverPutOptions,
  ): Promise<Written>;
  /** Deletes a file; rejects as `not-found` if there is none. */
  delete(key: string, options: DriverOptions): Promise<void>;
  /** What is below a folder, which is given by what its keys begin with: `""` or `"a/b/"`. */
  listPage(prefix: string, options: DriverListOptions): Promise<ListPage>;
  copy(from: string, to: string, options: DriverCopyOptions): Promise<Written>;
  /** Rejects unless the backend can be reached, accepts the caller, and has the container of this driver. */
  probe(options: DriverOptions): Promise<void>;
  /** Lets go of what the driver opened itself. It is called once, and nothing after it. */
  close(): Promise<void>;
  /** What its methods rejected with, in the kernel's words; by codes, never by the text of a message. */
  failureOf(error: unknown): Failure;
}

/** A driver that renames. Without it a move is a copy and a deletion. */
export interface RenamingDriver extends Driver {
  /** Renames a file. A folder is refused as `wrong-type`. */
  rename(from: string, to: string, options: DriverCopyOptions): Promise<void>;
}

/** A driver whose folders are things of their own. Without it a folder is deleted file by file. */
export interface FolderDriver extends Driver {
  /** Deletes a folder; rejects as `not-empty` if there is anything in it and `recursive` is false. */
  deleteFolder(
    key: string,
    options: DriverOptions & { readonly recursive: boolean },
  ): Promise<void>;
}

/** One key of a deletion that failed. */
export interface DeleteFailure {
  readonly key: string;
  readonly error: unknown;
}

/** A driver that deletes many files at once. */
export interface BulkDeletingDriver extends Driver {
  /** Deletes files, missing ones included, and tells of each that is still there. */
  deleteMany(keys: readonly string[], options: DriverOptions): Promise<readonly DeleteFailure[]>;
}

/** Whether a driver renames. */
export function isRenaming(driver: Driver): driver is RenamingDriver {
  return "rename" in driver;
}

/** Whether a driver has folders of its own. */
export function hasFolders(driver: Driver): driver is FolderDriver {
  return "deleteFolder" in driver;
}

/** Whether a driver deletes many files at once. */
export function isBulkDeleting(driver: Driver): driver is BulkDeletingDriver {
  return "deleteMany" in driver;
}
