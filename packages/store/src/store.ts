import type { Capability } from "./capability.ts";
import { jsonIn, textIn } from "./decoded.ts";
import { isUnwrappable, type Driver, type PresignedRequest } from "./driver.ts";
import { NotFound } from "./errors/classes.ts";
import { DriverFailure } from "./errors/driver-failure.ts";
import { AtomicWriter } from "./kernel/atomic-writer.ts";
import { deleteFiles, type DeleteManyOptions, type DeleteOutcome } from "./kernel/deletions.ts";
import type { FileStream } from "./kernel/file-stream.ts";
import { deleteFolder, folderInfo, type DeleteFolderOptions } from "./kernel/folders.ts";
import { Kernel, type CallSpec } from "./kernel/kernel.ts";
import {
  entriesOf,
  filesOf,
  foldersOf,
  globbed,
  type ListFilesOptions,
  type ListFoldersOptions,
} from "./kernel/listings.ts";
import { copyFile, moveFile, type CopyOptions } from "./kernel/moves.ts";
import { presigned, type PresignGetOptions, type PresignPutOptions } from "./kernel/presigned.ts";
import {
  openFile,
  readWhole,
  statFile,
  type CallOptions,
  type ReadOptions,
} from "./kernel/reads.ts";
import type { FileInfo, Folder, FolderInfo, WriteResult } from "./kernel/results.ts";
import { openSeekable, type SeekableFile, type SeekableOptions } from "./kernel/seekable-file.ts";
import type { Content } from "./kernel/source.ts";
import { writeFile, writeSpec, type WriteCall, type WriteOptions } from "./kernel/writes.ts";

/** How to delete a file. */
export interface DeleteOptions extends CallOptions {
  /** That it is not there is no failure. That it is a folder still is. */
  readonly missingOk?: boolean | undefined;
  /** Only the file that has this etag, else `PreconditionFailed`. Needs `conditional_delete`. */
  readonly ifMatch?: string | undefined;
}

/** How a store is set up. */
export interface StoreOptions {
  /** The folder that is this store's root; by default the driver's own. */
  readonly root?: string | undefined;
}

/** Where a path leads. */
export interface Resolution {
  /** The name of the driver. */
  readonly backend: string;
  /** As the store names it. */
  readonly path: string;
  /** As the driver names it. */
  readonly key: string;
}

/**
 * Files and folders of any backend, by paths from its root. Every method fails with a `RemoteStoreError` or one of its
 * kinds, and with nothing else; the same failure is the same kind on every backend.
 */
export class Store implements AsyncDisposable {
  readonly #kernel: Kernel;
  readonly #isChild: boolean;

  private constructor(kernel: Kernel, isChild: boolean) {
    this.#kernel = kernel;
    this.#isChild = isChild;
  }

  /** A store over a driver, which it closes when it is closed. */
  static over(driver: Driver, { root = "" }: StoreOptions = {}): Store {
    const kernel = new Kernel(driver, "");
    const { path } = kernel.admitNow({ operation: "open", at: "folder" }, root);
    return new Store(kernel.below(path), false);
  }

  /** Opens a file; the bytes follow as they are read. */
  read(path: string, options: ReadOptions = {}): Promise<FileStream> {
    return openFile(this.#kernel, "read", { path, options });
  }

  /** All of a file, or of the range asked for. */
  readBytes(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
    return readWhole(this.#kernel, "readBytes", { path, options, make: (bytes) => bytes });
  }

  /** A file as text. Bytes that are no UTF-8 fail instead of being replaced. */
  readText(path: string, options: ReadOptions = {}): Promise<string> {
    return readWhole(this.#kernel, "readText", { path, options, make: textIn });
  }

  /** What a file of JSON says. */
  readJson(path: string, options: ReadOptions = {}): Promise<unknown> {
    return readWhole(this.#kernel, "readJson", { path, options, make: jsonIn });
  }

  /** Opens a file for reads here and there, all of the one file that is there now. */
  readSeekable(path: string, options: SeekableOptions = {}): Promise<SeekableFile> {
    return openSeekable(this.#kernel, path, options);
  }

  /** Stores a file with the folders above it: all of it, or nothing is changed. A stream is let go of however it ends. */
  write(path: string, content: Content, options: WriteOptions = {}): Promise<WriteResult> {
    const call: WriteCall = { operation: "write", capability: "write", path, options };
    return writeFile(this.#kernel, call, content);
  }

  /** Stores text as UTF-8. */
  writeText(path: string, text: string, options: WriteOptions = {}): Promise<WriteResult> {
    const call: WriteCall = { operation: "writeText", capability: "write", path, options };
    return writeFile(this.#kernel, call, new TextEncoder().encode(text));
  }

  /** As `write`, and no reader ever sees a part of it; a backend that cannot promise that refuses. */
  writeAtomic(path: string, content: Content, options: WriteOptions = {}): Promise<WriteResult> {
    const call: WriteCall = { operation: "writeAtomic", capability: "atomic_write", path, options };
    return writeFile(this.#kernel, call, content);
  }

  /** Begins a file that is there once it is committed. `AlreadyExists` may come as late as that. */
  async openAtomic(path: string, options: WriteOptions = {}): Promise<AtomicWriter> {
    const call: WriteCall = { operation: "openAtomic", capability: "atomic_write", path, options };
    this.#kernel.admitNow(writeSpec(call), path);
    return new AtomicWriter((pieces) => writeFile(this.#kernel, call, pieces));
  }

  /** Deletes a file. */
  delete(path: string, { missingOk = false, ifMatch, signal }: DeleteOptions = {}): Promise<void> {
    const spec: CallSpec = { operation: "delete", capability: "delete", at: "file", signal };
    const kernel = this.#kernel;
    const deleted = kernel.run(spec, path, async ({ key }) => {
      if (ifMatch !== undefined) kernel.require("conditional_delete");
      await kernel.driver.delete(key, { ifMatch, signal });
    });
    return missingOk ? deleted.catch(unlessNotFound) : deleted;
  }

  /**
   * Deletes files, many with one request where the backend can, and tells of each path, in their order, what became of
   * it. Look at the outcomes: it rejects only for what keeps all of them from being tried. That a file is not there is no
   * failure, and to a flat backend a folder is none.
   */
  deleteMany(
    paths: Iterable<string>,
    options: DeleteManyOptions = {},
  ): Promise<readonly DeleteOutcome[]> {
    return deleteFiles(this.#kernel, paths, options);
  }

  /** Deletes a folder that is empty, or with everything in it. The root is refused. */
  deleteFolder(path: string, options: DeleteFolderOptions = {}): Promise<void> {
    return deleteFolder(this.#kernel, path, options);
  }

  /** Whether a file or a folder is at a path. A backend that refuses or fails to say is an error, not a no. */
  async exists(path: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.#kindOf("exists", path, options)) !== undefined;
  }

  /** Whether a file is at a path. */
  async isFile(path: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.#kindOf("isFile", path, options)) === "file";
  }

  /** Whether a folder is at a path. The root is one. */
  async isFolder(path: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.#kindOf("isFolder", path, options)) === "folder";
  }

  /** What is known of a file. */
  getFileInfo(path: string, options: CallOptions = {}): Promise<FileInfo> {
    return statFile(this.#kernel, path, options);
  }

  /** Counts what is in a folder, by listing it. */
  getFolderInfo(path: string, options: CallOptions = {}): Promise<FolderInfo> {
    return folderInfo(this.#kernel, path, options);
  }

  /** The files of a folder, of one that is missing none. It lists them all or fails. */
  listFiles(path: string, options: ListFilesOptions = {}): AsyncGenerator<FileInfo> {
    return filesOf(this.#kernel, path, options);
  }

  /** The folders of a folder. */
  listFolders(path: string, options: ListFoldersOptions = {}): AsyncGenerator<Folder> {
    return foldersOf(this.#kernel, path, options);
  }

  /** The files and folders of a folder in one go. */
  iterChildren(path: string, { signal }: CallOptions = {}): AsyncGenerator<FileInfo | Folder> {
    const call = { operation: "iterChildren", path, recursive: false, signal };
    return entriesOf(this.#kernel, call);
  }

  /** The files whose paths match: `*`, `?`, `[a-c]` and `[!a-c]` within a name, `**` for any number of folders. */
  glob(pattern: string, options: CallOptions = {}): AsyncGenerator<FileInfo> {
    return globbed(this.#kernel, pattern, options);
  }

  /** Moves a file. */
  move(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    return moveFile(this.#kernel, { from, to, options });
  }

  /** Copies a file within the backend. */
  copy(from: string, to: string, options: CopyOptions = {}): Promise<WriteResult> {
    return copyFile(this.#kernel, { from, to, options });
  }

  /** A store whose root is a folder of this one, there or not. It ends with this one; closing it does nothing. */
  child(path: string): Store {
    const place = this.#kernel.admitNow({ operation: "child", at: "folder" }, path);
    return new Store(this.#kernel.below(place.path), true);
  }

  /** A request by which whoever has it may read the file over HTTP until it expires; what it says is a secret. */
  presignGet(path: string, options: PresignGetOptions = {}): Promise<PresignedRequest> {
    return presigned(this.#kernel, path, { method: "GET", options });
  }

  /** A request by which whoever has it may write the file over HTTP until it expires, over what is there. */
  presignPut(path: string, options: PresignPutOptions = {}): Promise<PresignedRequest> {
    return presigned(this.#kernel, path, { method: "PUT", options });
  }

  /** Fails unless the backend can be reached, accepts the credentials, and has the store's container. */
  ping({ signal }: CallOptions = {}): Promise<void> {
    const { driver } = this.#kernel;
    return this.#kernel.run({ operation: "ping", at: "folder", signal }, "", () =>
      driver.probe({ signal }),
    );
  }

  /** Whether the backend can do that. */
  supports(capability: Capability): boolean {
    return this.#kernel.driver.capabilities.has(capability);
  }

  /**
   * The store's driver, or the client or connection beneath it, if it is of the class; `CapabilityNotSupported`
   * otherwise. What is done with it is not of this store: neither its root nor its errors hold there.
   */
  unwrap<T extends object>(type: abstract new (...parameters: never[]) => T): T {
    const { driver } = this.#kernel;
    const spec: CallSpec = { operation: "unwrap", at: "folder" };
    const { path } = this.#kernel.admitNow(spec, "");
    if (driver instanceof type) return driver;
    if (isUnwrappable(driver) && driver.native instanceof type) return driver.native;
    const failure = new DriverFailure({ kind: "unsupported", capability: "unwrap" });
    throw this.#kernel.errorOf(failure, spec, path);
  }

  /** Where a path leads. Asks the backend nothing. */
  resolve(path: string): Resolution {
    const place = this.#kernel.admitNow({ operation: "resolve", at: "folder" }, path);
    return { backend: this.#kernel.driver.name, ...place };
  }

  /** The path of a driver's key: the inverse of `resolve`. A key outside of this store is `InvalidPath`. */
  toKey(key: string): string {
    if (key === this.#kernel.root) return "";
    const path = this.#kernel.pathOf(key);
    if (path !== undefined) return path;
    const message = "No path of this store leads to this key.";
    const failure = new DriverFailure({ kind: "invalid-path", message });
    throw this.#kernel.errorOf(failure, { operation: "toKey", at: "file" }, key);
  }

  /** Ends the store and its children; what is under way goes on. A second time does nothing. */
  close(): Promise<void> {
    return this.#isChild ? Promise.resolve() : this.#kernel.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #kindOf(
    operation: string,
    path: string,
    { signal }: CallOptions,
  ): Promise<"file" | "folder" | undefined> {
    const kernel = this.#kernel;
    return kernel.run({ operation, at: "folder", signal }, path, (place) =>
      kernel.kindOf(place, signal),
    );
  }
}

function unlessNotFound(error: unknown): void {
  if (!NotFound.is(error)) throw error;
}
