import type { Capability } from "./capability.ts";
import type { Failure } from "./errors/driver-failure.ts";

/** What a backend with `user_metadata` keeps beside a file's bytes. */
export interface Attributes {
  /** A media type, as `text/csv`. */
  readonly contentType?: string | undefined;
  /** By name in lower case. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** A file as a backend knows it. What the backend does not say is left out, never made up. */
export interface FileStat extends Attributes {
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

/** A body that has a shorter way to all of its bytes than piece by piece; either way it is read once. */
export interface WholeBody extends AsyncIterable<Uint8Array> {
  /** All of it; lets go of everything however it ends. */
  bytes(): Promise<Uint8Array>;
  /** Lets go of everything, also while it is read. */
  dispose(): Promise<void>;
}

/** A file opened for reading. */
export interface OpenedFile {
  /** The size is that of the whole file. */
  readonly stat: FileStat;
  /** Its iterator's `return` lets go of everything, also before the first piece. */
  readonly body: AsyncIterable<Uint8Array> | WholeBody;
}

/** When to write, and with what beside the bytes. */
export interface DriverPutOptions extends DriverOptions, Attributes {
  /**
   * `absent`: only where nothing is, else `already-exists` or `precondition-failed`; an etag: only over the file that has
   * it. A driver is asked for what its capabilities say, `atomic_create` and `conditional_write`, and for no more.
   */
  readonly condition?: "absent" | { readonly etag: string } | undefined;
}

/** What was written. */
export interface Written {
  readonly size: number;
  readonly etag?: string | undefined;
  readonly modifiedAt?: Date | undefined;
}

/** When to delete. */
export interface DriverDeleteOptions extends DriverOptions {
  /** Only the file that has this etag, else `precondition-failed`. */
  readonly ifMatch?: string | undefined;
}

/** Whether what is at the target may be replaced, and by what. */
export interface DriverCopyOptions extends DriverOptions {
  /** A driver without `atomic_create` is always told to. */
  readonly overwrite: boolean;
  /** Only if the source has this etag, else `precondition-failed`. */
  readonly ifMatch?: string | undefined;
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
  delete(key: string, options: DriverDeleteOptions): Promise<void>;
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
  /** Deletes files, missing ones included, and tells of each key that is still there. At most 1,000 at a time. */
  deleteMany(keys: readonly string[], options: DriverOptions): Promise<readonly DeleteFailure[]>;
}

/** What to let somebody else do who has no credentials. */
export interface PresignOptions extends DriverOptions {
  readonly method: "GET" | "PUT";
  /** In seconds. */
  readonly expiresIn: number;
  /** Of a PUT: what its sender has to send as the type. */
  readonly contentType?: string | undefined;
}

/** A request that whoever has it may send until it expires. The URL is a secret. */
export interface PresignedRequest {
  readonly method: "GET" | "PUT";
  readonly url: string;
  /** To be sent as they are, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly expiresAt: Date;
}

/** A driver that lets others read or write a file over HTTP. */
export interface PresigningDriver extends Driver {
  presign(key: string, options: PresignOptions): Promise<PresignedRequest>;
}

/** A driver with something beneath it that callers may want to use themselves. */
export interface UnwrappableDriver extends Driver {
  /** As a client or a connection. It is asked for by its class. */
  readonly native: object;
}

/** Whether a body has a shorter way to all of its bytes. */
export function isWhole(body: AsyncIterable<Uint8Array>): body is WholeBody {
  return "bytes" in body && typeof body.bytes === "function" && "dispose" in body;
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

/** Whether a driver lets others read or write a file. */
export function isPresigning(driver: Driver): driver is PresigningDriver {
  return "presign" in driver;
}

/** Whether a driver has something beneath it. */
export function isUnwrappable(driver: Driver): driver is UnwrappableDriver {
  return "native" in driver;
}
