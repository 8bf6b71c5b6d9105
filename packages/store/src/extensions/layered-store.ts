import type { Capability } from "../capability.ts";
import type { PresignedRequest } from "../driver.ts";
import type { DeleteManyOptions, DeleteOutcome } from "../kernel/deletions.ts";
import type { FileStream } from "../kernel/file-stream.ts";
import type { DeleteFolderOptions } from "../kernel/folders.ts";
import type { ListFilesOptions, ListFoldersOptions } from "../kernel/listings.ts";
import type { CopyOptions } from "../kernel/moves.ts";
import type { PresignGetOptions, PresignPutOptions } from "../kernel/presigned.ts";
import type { CallOptions, ReadOptions } from "../kernel/reads.ts";
import type { FileInfo, Folder, FolderInfo, WriteResult } from "../kernel/results.ts";
import type { SeekableOptions } from "../kernel/seekable-file.ts";
import type { Content } from "../kernel/source.ts";
import type { WriteOptions } from "../kernel/writes.ts";
import type { DeleteOptions, Resolution } from "../store.ts";
import type { StoreCall } from "./store-call.ts";
import type { FileReader, FileWriter, StoreLike } from "./store-like.ts";

/** Carries out a call under a signal. */
export type Carry<T> = (signal: AbortSignal | undefined) => Promise<T>;

/** A listing's entries, from its beginning. */
export type Listing<T> = AsyncGenerator<T, void, undefined>;

/**
 * A store around a store. Every call that may ask the backend something passes one of five methods, so that none is
 * forgotten by whoever says what they do.
 */
export abstract class LayeredStore implements StoreLike {
  protected readonly inner: StoreLike;

  constructor(inner: StoreLike) {
    this.inner = inner;
  }

  /** A call that is over when its promise is. */
  protected abstract call<T>(call: StoreCall, carry: Carry<T>): Promise<T>;

  /** A read that is over when its bytes are. */
  protected abstract opened(call: StoreCall, options: ReadOptions): Promise<FileStream>;

  /** A read here and there that is over when its reader is closed. */
  protected abstract reader(call: StoreCall, open: () => Promise<FileReader>): Promise<FileReader>;

  /** A listing, which begins when its first entry is asked for. */
  protected abstract listed<T extends FileInfo | Folder>(
    call: StoreCall,
    list: () => Listing<T>,
  ): Listing<T>;

  /** A write that is over when its writer is. */
  protected abstract writer(call: StoreCall, open: () => Promise<FileWriter>): Promise<FileWriter>;

  /** The same around another store. */
  protected abstract around(inner: StoreLike): StoreLike;

  read(path: string, options: ReadOptions = {}): Promise<FileStream> {
    return this.opened(reading("read", path, options), options);
  }

  readBytes(path: string, options: ReadOptions = {}): Promise<Uint8Array> {
    return this.call(reading("readBytes", path, options), (signal) =>
      this.inner.readBytes(path, { ...options, signal }),
    );
  }

  readText(path: string, options: ReadOptions = {}): Promise<string> {
    return this.call(reading("readText", path, options), (signal) =>
      this.inner.readText(path, { ...options, signal }),
    );
  }

  readJson(path: string, options: ReadOptions = {}): Promise<unknown> {
    return this.call(reading("readJson", path, options), (signal) =>
      this.inner.readJson(path, { ...options, signal }),
    );
  }

  readSeekable(path: string, options: SeekableOptions = {}): Promise<FileReader> {
    return this.reader(reading("readSeekable", path, options), () =>
      this.inner.readSeekable(path, options),
    );
  }

  write(path: string, content: Content, options: WriteOptions = {}): Promise<WriteResult> {
    const repeats = isRepeatable(content) ? "always" : "never";
    return this.call(writing("write", path, { ...options, repeats }), (signal) =>
      this.inner.write(path, content, { ...options, signal }),
    );
  }

  writeText(path: string, text: string, options: WriteOptions = {}): Promise<WriteResult> {
    return this.call(writing("writeText", path, { ...options, repeats: "always" }), (signal) =>
      this.inner.writeText(path, text, { ...options, signal }),
    );
  }

  writeAtomic(path: string, content: Content, options: WriteOptions = {}): Promise<WriteResult> {
    const repeats = isRepeatable(content) ? "always" : "never";
    return this.call(writing("writeAtomic", path, { ...options, repeats }), (signal) =>
      this.inner.writeAtomic(path, content, { ...options, signal }),
    );
  }

  openAtomic(path: string, options: WriteOptions = {}): Promise<FileWriter> {
    const call = writing("openAtomic", path, { ...options, repeats: "never" });
    return this.writer(call, () => this.inner.openAtomic(path, options));
  }

  delete(path: string, options: DeleteOptions = {}): Promise<void> {
    const isSafe = options.missingOk === true || options.ifMatch !== undefined;
    const repeats = isSafe ? "always" : "if-failed";
    return this.call(writing("delete", path, { ...options, repeats }), (signal) =>
      this.inner.delete(path, { ...options, signal }),
    );
  }

  deleteMany(
    paths: Iterable<string>,
    options: DeleteManyOptions = {},
  ): Promise<readonly DeleteOutcome[]> {
    const all = [...paths];
    const call = writing("deleteMany", "", { ...options, repeats: "always" });
    return this.call({ ...call, changes: "folders" }, (signal) =>
      this.inner.deleteMany(all, { ...options, signal }),
    );
  }

  deleteFolder(path: string, options: DeleteFolderOptions = {}): Promise<void> {
    const repeats = options.missingOk === true ? "always" : "if-failed";
    const call = writing("deleteFolder", path, { ...options, repeats });
    return this.call({ ...call, changes: "folders" }, (signal) =>
      this.inner.deleteFolder(path, { ...options, signal }),
    );
  }

  exists(path: string, options: CallOptions = {}): Promise<boolean> {
    return this.call(reading("exists", path, options), (signal) =>
      this.inner.exists(path, { signal }),
    );
  }

  isFile(path: string, options: CallOptions = {}): Promise<boolean> {
    return this.call(reading("isFile", path, options), (signal) =>
      this.inner.isFile(path, { signal }),
    );
  }

  isFolder(path: string, options: CallOptions = {}): Promise<boolean> {
    return this.call(reading("isFolder", path, options), (signal) =>
      this.inner.isFolder(path, { signal }),
    );
  }

  getFileInfo(path: string, options: CallOptions = {}): Promise<FileInfo> {
    return this.call(reading("getFileInfo", path, options), (signal) =>
      this.inner.getFileInfo(path, { signal }),
    );
  }

  getFolderInfo(path: string, options: CallOptions = {}): Promise<FolderInfo> {
    return this.call(reading("getFolderInfo", path, options), (signal) =>
      this.inner.getFolderInfo(path, { signal }),
    );
  }

  listFiles(path: string, options: ListFilesOptions = {}): AsyncGenerator<FileInfo> {
    const call = reading("listFiles", path, options);
    return this.listed(call, () => this.inner.listFiles(path, options));
  }

  listFolders(path: string, options: ListFoldersOptions = {}): AsyncGenerator<Folder> {
    const call = reading("listFolders", path, options);
    return this.listed(call, () => this.inner.listFolders(path, options));
  }

  iterChildren(path: string, options: CallOptions = {}): AsyncGenerator<FileInfo | Folder> {
    const call = reading("iterChildren", path, options);
    return this.listed(call, () => this.inner.iterChildren(path, options));
  }

  glob(pattern: string, options: CallOptions = {}): AsyncGenerator<FileInfo> {
    const call = reading("glob", pattern, options);
    return this.listed(call, () => this.inner.glob(pattern, options));
  }

  move(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    const repeats = options.ifMatch === undefined ? "if-failed" : "always";
    const call = writing("move", from, { ...options, repeats });
    return this.call({ ...call, to }, (signal) =>
      this.inner.move(from, to, { ...options, signal }),
    );
  }

  copy(from: string, to: string, options: CopyOptions = {}): Promise<WriteResult> {
    const call = writing("copy", from, { ...options, repeats: "always" });
    return this.call({ ...call, to }, (signal) =>
      this.inner.copy(from, to, { ...options, signal }),
    );
  }

  presignGet(path: string, options: PresignGetOptions = {}): Promise<PresignedRequest> {
    return this.call(reading("presignGet", path, options), (signal) =>
      this.inner.presignGet(path, { ...options, signal }),
    );
  }

  presignPut(path: string, options: PresignPutOptions = {}): Promise<PresignedRequest> {
    return this.call(reading("presignPut", path, options), (signal) =>
      this.inner.presignPut(path, { ...options, signal }),
    );
  }

  ping(options: CallOptions = {}): Promise<void> {
    return this.call(reading("ping", "", options), (signal) => this.inner.ping({ signal }));
  }

  child(path: string): StoreLike {
    return this.around(this.inner.child(path));
  }

  supports(capability: Capability): boolean {
    return this.inner.supports(capability);
  }

  unwrap<T extends object>(type: abstract new (...parameters: never[]) => T): T {
    return this.inner.unwrap(type);
  }

  resolve(path: string): Resolution {
    return this.inner.resolve(path);
  }

  toKey(key: string): string {
    return this.inner.toKey(key);
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function reading(operation: string, path: string, { signal }: CallOptions): StoreCall {
  return { operation, path, signal, repeats: "always", changes: "nothing" };
}

function writing(
  operation: string,
  path: string,
  { signal, repeats }: CallOptions & Pick<StoreCall, "repeats">,
): StoreCall {
  return { operation, path, signal, repeats, changes: "files" };
}

/** Whether content is the same when it is read a second time. A stream is not. */
function isRepeatable(content: Content): boolean {
  return content instanceof Uint8Array || content instanceof Blob;
}
