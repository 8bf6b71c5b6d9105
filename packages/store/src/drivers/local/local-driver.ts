import { constants, type BigIntStats } from "node:fs";
import { link, lstat, open, opendir, rename, stat, unlink } from "node:fs/promises";
import { dirname, sep } from "node:path";
import type { Capability } from "../../capability.ts";
import type {
  DriverCopyOptions,
  DriverDeleteOptions,
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
import { afterwards } from "./afterwards.ts";
import { failureOfErrno } from "./errno.ts";
import { FilePieces } from "./file-pieces.ts";
import { fileStat } from "./file-stat.ts";
import { inItsFolder, pruneFolders, removeFolder, syncDirectory } from "./folders.ts";
import { withLocks } from "./path-locks.ts";
import { placeOf, type LocalPlace } from "./place.ts";
import { removeTree } from "./remove-tree.ts";
import { requireEtag, storeFile, undefinedIfMissing } from "./temporary-file.ts";
import { sweepFolder } from "./sweep.ts";
import { listDirectory } from "./walk.ts";

/** How many folders are remembered as swept. */
const sweptMax = 10_000;

/** Where the files are. */
export interface LocalDriverOptions {
  /** A directory, which has to be there. */
  readonly root: string;
}

const capabilities: ReadonlySet<Capability> = new Set<Capability>([
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
  ...(process.platform === "win32"
    ? []
    : (["conditional_copy", "conditional_delete", "conditional_write"] as const)),
]);

/**
 * The files of a directory. A file that was written is on stable storage, with its name. Symbolic links below the root
 * are neither followed nor listed. A folder goes with its last file.
 *
 * `ifMatch` is atomic among all processes of one machine that use this library, for each change of a file is made under
 * a lock that ends with its process; programs of other kinds take no notice of it, and on a file system that several
 * machines share it promises nothing. Windows has no `ifMatch`. A lock of a process that hangs, or of one in another
 * container that cannot be asked after, is `ResourceLocked` after ten seconds.
 *
 * A file that another program changes in its place is `ModifiedDuringRead` to a read or copy of more than one piece; one
 * that only grew, as a log does, is read up to the size that it had.
 *
 * What a killed process left of a file on its way is hidden, and is taken away by the next write to its folder or
 * listing of it; if that was a process of another container or machine, once it was silent for a day.
 */
export class LocalDriver implements RenamingDriver, FolderDriver {
  readonly name = "local";
  readonly capabilities = capabilities;
  readonly namespace = "tree";
  readonly #root: string;
  readonly #swept = new Set<string>();

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
      return { stat: found, body: new FilePieces(handle, { start: offset, end, stat: found }) };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { condition, signal }: DriverPutOptions,
  ): Promise<Written> {
    const place = await this.#place(key);
    const overwrite = condition !== "absent";
    const ifMatch = typeof condition === "object" ? condition.etag : undefined;
    const sweeping = this.#sweepOnce(dirname(place.path));
    try {
      return fileStat(await storeFile(place, body, { overwrite, ifMatch, signal }));
    } finally {
      await sweeping;
    }
  }

  async delete(key: string, { ifMatch, signal }: DriverDeleteOptions): Promise<void> {
    const place = await this.#place(key);
    onlyFile(await stat(place.path, { bigint: true }));
    const options = { isNeeded: ifMatch !== undefined, makesRoom: true, signal };
    await withLocks([place.path], options, async () => {
      await requireEtag(place.path, ifMatch);
      await unlink(place.path);
    });
    await afterDeletion(place);
  }

  async deleteFolder(
    key: string,
    { recursive, signal }: DriverOptions & { readonly recursive: boolean },
  ): Promise<void> {
    const place = await this.#place(key);
    if (recursive) await removeTree(place.path, signal);
    else await removeFolder(place.path);
    await afterDeletion(place);
  }

  async listPage(
    prefix: string,
    { recursive, entriesMax = 1000 }: DriverListOptions,
  ): Promise<ListPage> {
    const { root, path } = await this.#place(prefix.slice(0, -1));
    return listDirectory({ root, path, prefix }, { recursive, entriesMax });
  }

  async copy(
    from: string,
    to: string,
    { overwrite, ifMatch, signal }: DriverCopyOptions,
  ): Promise<Written> {
    const { body } = await this.get(from, { ifMatch });
    const pieces = body[Symbol.asyncIterator]();
    try {
      return fileStat(await storeFile(await this.#place(to), body, { overwrite, signal }));
    } finally {
      await pieces.return?.();
    }
  }

  async rename(
    from: string,
    to: string,
    { overwrite, ifMatch, signal }: DriverCopyOptions,
  ): Promise<void> {
    const source = await this.#place(from);
    const target = await this.#place(to);
    onlyFile(await stat(source.path, { bigint: true }));
    try {
      const paths = [source.path, target.path];
      const options = { isNeeded: ifMatch !== undefined, signal };
      await inItsFolder(target, () =>
        withLocks(paths, options, async () => {
          await requireEtag(source.path, ifMatch);
          await moveName(source.path, target.path, overwrite);
        }),
      );
    } catch (error) {
      await pruneFolders(target);
      throw error;
    }
    await afterDeletion(source);
  }

  async probe(): Promise<void> {
    const stats = await stat(this.#root);
    if (!stats.isDirectory()) throw new DriverFailure({ kind: "not-found" });
    // `access` would ask for the user who started this process, not for the one it acts as.
    await (await opendir(this.#root)).close();
    await stat(`${this.#root}${sep}.`);
  }

  async close(): Promise<void> {}

  failureOf(error: unknown): Failure {
    return failureOfErrno(error);
  }

  /** Sweeps a folder the first time that it is written to. */
  async #sweepOnce(folder: string): Promise<void> {
    if (this.#swept.has(folder)) return;
    if (this.#swept.size === sweptMax) this.#swept.clear();
    this.#swept.add(folder);
    await sweepFolder(folder);
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

async function moveName(from: string, to: string, overwrite: boolean): Promise<void> {
  // Between two names of one file a rename does nothing, and says that it did it.
  const isLinked = overwrite && (await areOneFile(from, to));
  if (!overwrite) await link(from, to);
  else if (!isLinked) await rename(from, to);
  await afterwards(async () => {
    // The new name has to be safe before the old one goes.
    await syncDirectory(dirname(to));
    if (isLinked || !overwrite) await unlink(from);
  });
}

/** Whether two names are of one file, as a move leaves them whose process died half-way. */
async function areOneFile(from: string, to: string): Promise<boolean> {
  const source = await lstat(from, { bigint: true });
  if (source.nlink < 2n) return false;
  const target = await lstat(to, { bigint: true }).catch(undefinedIfMissing);
  return target?.ino === source.ino && target.dev === source.dev;
}

async function afterDeletion(place: LocalPlace): Promise<void> {
  await afterwards(() => syncDirectory(dirname(place.path)));
  await pruneFolders(place);
}
