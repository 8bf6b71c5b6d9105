import type { Capability } from "../capability.ts";
import type {
  Attributes,
  BulkDeletingDriver,
  DeleteFailure,
  DriverCopyOptions,
  DriverDeleteOptions,
  DriverGetOptions,
  DriverListOptions,
  DriverOptions,
  DriverPutOptions,
  FileEntry,
  FileStat,
  FolderEntry,
  FolderStat,
  ListPage,
  OpenedFile,
  RenamingDriver,
  Written,
} from "../driver.ts";
import { DriverFailure, type Failure } from "../errors/driver-failure.ts";
import { foldersAbove } from "../path.ts";
import { pagesOf } from "./pages-of.ts";

/** How files in memory are named. */
export interface MemoryDriverOptions {
  /** `tree`, as a disk has them, or `flat`, as S3 has; a tree by default. */
  readonly namespace?: "flat" | "tree" | undefined;
}

interface StoredFile extends FileStat {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

const capabilities: ReadonlySet<Capability> = new Set([
  "atomic_create",
  "atomic_move",
  "atomic_move_create",
  "atomic_write",
  "conditional_copy",
  "conditional_delete",
  "conditional_write",
  "copy",
  "delete",
  "list",
  "metadata",
  "move",
  "read",
  "user_metadata",
  "write",
]);

/** Files in this process's memory, for tests and as the model of what any backend does. */
export class MemoryDriver implements RenamingDriver, BulkDeletingDriver {
  readonly name = "memory";
  readonly capabilities = capabilities;
  readonly namespace: "flat" | "tree";
  readonly #files = new Map<string, StoredFile>();
  /** How many files are below each folder. */
  readonly #folders = new Map<string, number>();
  #writes = 0;

  constructor({ namespace = "tree" }: MemoryDriverOptions = {}) {
    this.namespace = namespace;
  }

  async stat(key: string): Promise<FileStat | FolderStat> {
    const isFolder = this.namespace === "tree" && this.#folders.has(key);
    return isFolder ? { kind: "folder" } : statOf(this.#file(key));
  }

  async get(key: string, { offset = 0, length, ifMatch }: DriverGetOptions): Promise<OpenedFile> {
    const file = this.#file(key, ifMatch);
    const end = length === undefined ? undefined : offset + length;
    return { stat: statOf(file), body: once(file.bytes.slice(offset, end)) };
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { condition, contentType, metadata }: DriverPutOptions,
  ): Promise<Written> {
    const bytes = await collect(body);
    this.#checkPlace(key);
    const current = this.#files.get(key);
    if (condition === "absent" && current !== undefined) throw failure("already-exists");
    if (typeof condition === "object" && condition.etag !== current?.etag) {
      throw failure("precondition-failed");
    }
    return this.#set(key, bytes, { contentType, metadata: { ...metadata } });
  }

  async delete(key: string, { ifMatch }: DriverDeleteOptions): Promise<void> {
    this.#file(key, ifMatch);
    this.#remove(key);
  }

  async deleteMany(keys: readonly string[]): Promise<readonly DeleteFailure[]> {
    const isFolder = (key: string): boolean => this.namespace === "tree" && this.#folders.has(key);
    for (const key of keys) this.#remove(key);
    return keys.filter(isFolder).map((key) => ({ key, error: failure("wrong-type") }));
  }

  async listPage(
    prefix: string,
    { recursive, entriesMax = 1000 }: DriverListOptions,
  ): Promise<ListPage> {
    return pagesOf(this.#below(prefix, recursive), entriesMax);
  }

  async copy(
    from: string,
    to: string,
    { overwrite, ifMatch }: DriverCopyOptions,
  ): Promise<Written> {
    const source = this.#file(from, ifMatch);
    this.#checkPlace(to);
    if (!overwrite && this.#files.has(to)) throw failure("already-exists");
    return this.#set(to, source.bytes, source);
  }

  async rename(from: string, to: string, options: DriverCopyOptions): Promise<void> {
    await this.copy(from, to, options);
    this.#remove(from);
  }

  async probe(_options: DriverOptions): Promise<void> {}

  async close(): Promise<void> {
    this.#files.clear();
    this.#folders.clear();
  }

  failureOf(error: unknown): Failure {
    return error instanceof DriverFailure ? error : { kind: "unknown", cause: error };
  }

  #file(key: string, ifMatch?: string): StoredFile {
    const file = this.#files.get(key);
    if (file !== undefined) {
      if (ifMatch !== undefined && ifMatch !== file.etag) throw failure("precondition-failed");
      return file;
    }
    const isFolder = this.namespace === "tree" && this.#folders.has(key);
    throw failure(isFolder ? "wrong-type" : "not-found");
  }

  /** A tree has no file below a file and none where a folder is. */
  #checkPlace(key: string): void {
    if (this.namespace === "flat") return;
    if (this.#folders.has(key)) throw failure("wrong-type");
    for (const folder of foldersAbove(key)) {
      if (this.#files.has(folder)) throw failure("under-file");
    }
  }

  #set(key: string, bytes: Uint8Array, { contentType, metadata }: Attributes): Written {
    if (!this.#files.has(key)) this.#count(key, 1);
    this.#writes += 1;
    const etag = this.#writes.toString(16);
    const stat = { size: bytes.byteLength, etag, modifiedAt: new Date() };
    this.#files.set(key, { kind: "file", bytes, contentType, metadata, ...stat });
    return stat;
  }

  #remove(key: string): void {
    if (this.#files.delete(key)) this.#count(key, -1);
  }

  #count(key: string, change: number): void {
    for (const folder of foldersAbove(key)) {
      const count = (this.#folders.get(folder) ?? 0) + change;
      if (count === 0) this.#folders.delete(folder);
      else this.#folders.set(folder, count);
    }
  }

  #below(prefix: string, recursive: boolean): readonly (FileEntry | FolderEntry)[] {
    const found = new Map<string, FileEntry | FolderEntry>();
    for (const [key, file] of this.#files) {
      if (!key.startsWith(prefix)) continue;
      const slash = recursive ? -1 : key.indexOf("/", prefix.length);
      if (slash === -1) found.set(key, { ...statOf(file), key });
      else found.set(key.slice(0, slash + 1), { kind: "folder", key: key.slice(0, slash) });
    }
    return [...found]
      .map(([name, entry]) => ({ name: Buffer.from(name), entry }))
      .toSorted((a, b) => Buffer.compare(a.name, b.name))
      .map(({ entry }) => entry);
  }
}

function statOf({ bytes: _bytes, ...stat }: StoredFile): FileStat {
  return stat;
}

function failure(kind: Failure["kind"]): DriverFailure {
  return new DriverFailure({ kind });
}

async function collect(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return Uint8Array.from(body);
  const pieces: Uint8Array[] = [];
  // A source may use its memory again for the next piece.
  for await (const piece of body) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.byteLength > 0) yield bytes;
}
