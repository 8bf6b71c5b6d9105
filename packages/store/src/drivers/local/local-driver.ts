import { constants, type BigIntStats } from "node:fs";
import { access, link, open, rename, rm, rmdir, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import type { Capability } from "../../capability.ts";
import type {
  DriverCopyOptions,
  DriverGetOptions,
  DriverListOptions,
  DriverOptions,
  DriverPutOptions,
  FileStat,
  FolderDriver,
  FolderStat,
  ListPage,
  OpenedFile,
  RenamingDriver,
  Written,
} from "../../driver.ts";
import { DriverFailure, type Failure } from "../../errors/driver-failure.ts";
import { failureOfErrno } from "./errno.ts";
import { FilePieces } from "./file-pieces.ts";
import { fileStat } from "./file-stat.ts";
import { inItsFolder, pruneFolders, syncDirectory } from "./folders.ts";
import { placeOf, type LocalPlace } from "./place.ts";
import { storeFile } from "./temporary-file.ts";
import { listDirectory } from "./walk.ts";

/** Where the files are. */
export interface LocalDriverOptions {
  /** A directory, which has to be there. */
  readonly root: string;
}

const capabilities: ReadonlySet<Capability> = new Set([
  "atomic_create",
  "atomic_move",
  "atomic_write",
  "copy",
  "delete",
  "list",
  "metadata",
  "move",
  "read",
  "write",
]);

/**
 * The files of a directory. A file that was written is on stable storage, with its name. Symbolic links below the root
 * are neither followed nor listed. A folder goes with its last file.
 */
export class LocalDriver implements RenamingDriver, FolderDriver {
  readonly name = "local";
  readonly capabilities = capabilities;
  readonly namespace = "tree";
  readonly #root: string;

  constructor({ root }: LocalDriverOptions) {
    this.#root = root;
  }

  async stat(key: string): Promise<FileStat | FolderStat> {
    const { path } = await this.#place(key);
    const stats = await stat(path, { bigint: true });
    return stats.isDirectory() ? { kind: "folder" } : fileStat(onlyFile(stats));
  }

  async get(key: string, { offset = 0, length, ifMatch }: DriverGetOptions): Promise<OpenedFile> {
    const { path } = await this.#place(key);
    // Without O_NONBLOCK a pipe would be waited for.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;
    const handle = await open(path, flags);
    try {
      const found = fileStat(onlyFile(await handle.stat({ bigint: true })));
      if (ifMatch !== undefined && ifMatch !== found.etag) {
        throw new DriverFailure({ kind: "precondition-failed" });
      }
      const end = Math.min(found.size, offset + (length ?? found.size));
      return { stat: found, body: new FilePieces(handle, offset, end) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { condition }: DriverPutOptions,
  ): Promise<Written> {
    const place = await this.#place(key);
    return fileStat(await storeFile(place, body, { overwrite: condition !== "absent" }));
  }

  async delete(key: string): Promise<void> {
    const place = await this.#place(key);
    onlyFile(await stat(place.path, { bigint: true }));
    await unlink(place.path);
    await afterDeletion(place);
  }

  async deleteFolder(
    key: string,
    { recursive }: DriverOptions & { readonly recursive: boolean },
  ): Promise<void> {
    const place = await this.#place(key);
    if (recursive) await rm(place.path, { recursive });
    else await rmdir(place.path);
    await afterDeletion(place);
  }

  async listPage(
    prefix: string,
    { recursive, entriesMax = 1000 }: DriverListOptions,
  ): Promise<ListPage> {
    const { path } = await this.#place(prefix.slice(0, -1));
    return listDirectory(path, prefix, { recursive, entriesMax });
  }

  async copy(from: string, to: string, { overwrite }: DriverCopyOptions): Promise<Written> {
    const { body } = await this.get(from, {});
    const pieces = body[Symbol.asyncIterator]();
    try {
      return fileStat(await storeFile(await this.#place(to), body, { overwrite }));
    } finally {
      await pieces.return?.();
    }
  }

  async rename(from: string, to: string, { overwrite }: DriverCopyOptions): Promise<void> {
    const source = await this.#place(from);
    const target = await this.#place(to);
    onlyFile(await stat(source.path, { bigint: true }));
    try {
      await inItsFolder(target, () => (overwrite ? rename : link)(source.path, target.path));
    } catch (error) {
      await pruneFolders(target);
      throw error;
    }
    // The new name has to be safe before the old one goes.
    await syncDirectory(dirname(target.path));
    if (!overwrite) await unlink(source.path);
    await afterDeletion(source);
  }

  async probe(): Promise<void> {
    const stats = await stat(this.#root);
    if (!stats.isDirectory()) throw new DriverFailure({ kind: "not-found" });
    await access(this.#root, constants.R_OK | constants.X_OK);
  }

  async close(): Promise<void> {}

  failureOf(error: unknown): Failure {
    return failureOfErrno(error);
  }

  #place(key: string): Promise<LocalPlace> {
    return placeOf(this.#root, key);
  }
}

/** Folders are no files, and neither are pipes, sockets and devices. */
function onlyFile(stats: BigIntStats): BigIntStats {
  if (stats.isFile()) return stats;
  throw new DriverFailure({ kind: "wrong-type" });
}

async function afterDeletion(place: LocalPlace): Promise<void> {
  await syncDirectory(dirname(place.path));
  await pruneFolders(place);
}
