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
import { Connection } from "./connection.ts";
import { copyFile } from "./copy-file.ts";
import { deleteEmpty, deleteTree } from "./delete-tree.ts";
import { pruneFolders } from "./folders.ts";
import { look, lookForFile, lookForFolder, lookForRoom, whyNoFile } from "./look.ts";
import { moveFile } from "./move-file.ts";
import { replaceAtOnce, replaceInSteps, type Replace } from "./naming.ts";
import { openFile } from "./open-file.ts";
import type { SftpDriverOptions } from "./options.ts";
import { placeOf, type Place } from "./place.ts";
import type { Requests } from "./requests.ts";
import { failureOfStatus } from "./status.ts";
import { storeFile, type StoringPlace } from "./store-file.ts";
import { sweep } from "./sweep.ts";
import { listFolder } from "./walk.ts";
import { chunksOf, piecesOf, writeAhead } from "./write-ahead.ts";

const plain: readonly Capability[] = [
  "copy",
  "delete",
  "list",
  "metadata",
  "move",
  "read",
  "write",
];

const capabilitiesOf: Readonly<Record<"openssh" | "sftp3", ReadonlySet<Capability>>> = {
  openssh: new Set([...plain, "atomic_create", "atomic_move", "atomic_write"]),
  sftp3: new Set(plain),
};

/**
 * The files of a directory of an SFTP server. One connection is shared by all calls, made when it is first needed and
 * again after it broke. Symbolic links below the root are neither followed nor listed. A folder goes with its last file.
 *
 * An etag is a file's size and the second of its last change, which is all that the protocol has. What is written through
 * a driver is a second later than the file that it replaces; that others replaced a file by one of the same size within
 * a second, `ifMatch` does not see.
 */
export class SftpDriver implements RenamingDriver, FolderDriver {
  readonly name = "sftp";
  readonly capabilities: ReadonlySet<Capability>;
  readonly namespace = "tree";
  readonly #connection: Connection;
  readonly #root: string;
  readonly #replace: Replace;

  constructor(options: SftpDriverOptions) {
    const { root = ".", server = "openssh" } = options;
    this.#connection = new Connection(options);
    this.#root = root === "" ? "." : root;
    this.#replace = server === "sftp3" ? replaceInSteps : replaceAtOnce;
    this.capabilities = capabilitiesOf[server];
  }

  async stat(key: string, { signal }: DriverOptions): Promise<FileStat | FolderStat> {
    const place = this.#place(key);
    const seen = await this.#connection.look(signal, (requests) => look(requests, place));
    if (seen.kind === "file") return seen.stat;
    if (seen.kind === "folder") return { kind: "folder" };
    throw new DriverFailure({ kind: whyNoFile(seen) });
  }

  async get(key: string, { signal, ...options }: DriverGetOptions): Promise<OpenedFile> {
    const place = this.#place(key);
    return this.#connection.look(signal, (requests) => openFile(requests, place, options));
  }

  async put(
    key: string,
    body: Uint8Array | AsyncIterable<Uint8Array>,
    { condition, signal }: DriverPutOptions,
  ): Promise<Written> {
    const storing = this.#storing(key, condition !== "absent");
    const looked = await this.#connection.look(signal, (requests) =>
      lookForRoom(requests, storing),
    );
    return storeFile(looked, {
      ...storing,
      fill: (requests, file) =>
        writeAhead(requests, file, chunksOf(piecesOf(body, requests.signal))),
    });
  }

  async delete(key: string, { signal }: DriverOptions): Promise<void> {
    const place = this.#place(key);
    const requests = await this.#connection.look(signal, async (looking) => {
      await lookForFile(looking, place);
      return looking;
    });
    await this.#thenPrune(requests.unlink(place.path), { requests, place });
  }

  async deleteFolder(
    key: string,
    { recursive, signal }: DriverOptions & { readonly recursive: boolean },
  ): Promise<void> {
    const place = this.#place(key);
    const requests = await this.#connection.look(signal, async (looking) => {
      await lookForFolder(looking, place);
      return looking;
    });
    const deleted = (recursive ? deleteTree : deleteEmpty)(requests, place.path);
    await this.#thenPrune(deleted, { requests, place });
  }

  async listPage(
    prefix: string,
    { recursive, entriesMax = 1000, signal }: DriverListOptions,
  ): Promise<ListPage> {
    const listing = { connection: this.#connection, root: this.#root, signal };
    return listFolder(listing, prefix, { recursive, entriesMax });
  }

  async copy(from: string, to: string, options: DriverCopyOptions): Promise<Written> {
    return copyFile(...(await this.#ends(from, to, options)));
  }

  async rename(from: string, to: string, options: DriverCopyOptions): Promise<void> {
    return moveFile(...(await this.#ends(from, to, options)));
  }

  async probe({ signal }: DriverOptions): Promise<void> {
    await this.#connection.look(signal, async (requests) => {
      await lookForFolder(requests, this.#place(""));
      await requests.close(await requests.openDirectory(this.#root));
    });
  }

  /**
   * Removes what processes that died in the middle of a write have left, if it is a day old or as old as is said; gives
   * how many files that were. It walks through all folders. What a lost connection leaves needs none of this.
   */
  async removeLeftovers({
    olderThanMs = 86_400_000,
    signal,
  }: DriverOptions & { readonly olderThanMs?: number } = {}): Promise<number> {
    const requests = await this.#connection.look(signal, async (looking) => {
      await lookForFolder(looking, this.#place(""));
      return looking;
    });
    return sweep(requests, this.#root, olderThanMs);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  failureOf(error: unknown): Failure {
    return failureOfStatus(error);
  }

  /** However the deletion ends: without an answer it may have happened. */
  async #thenPrune(
    deleted: Promise<void>,
    { requests, place }: { readonly requests: Requests; readonly place: Place },
  ): Promise<void> {
    try {
      await deleted;
    } finally {
      await this.#connection.takeBack(requests.session, (again) => pruneFolders(again, place));
    }
  }

  #place(key: string): Place {
    return placeOf(this.#root, key);
  }

  #storing(key: string, overwrite: boolean): StoringPlace {
    const place = this.#place(key);
    return { connection: this.#connection, replace: this.#replace, place, overwrite };
  }

  async #ends(
    from: string,
    to: string,
    { overwrite, signal }: DriverCopyOptions,
  ): Promise<[Requests, Place, StoringPlace]> {
    const source = this.#place(from);
    const storing = this.#storing(to, overwrite);
    const looked = await this.#connection.look(signal, async (requests) => {
      await lookForFile(requests, source);
      return lookForRoom(requests, storing);
    });
    return [looked, source, storing];
  }
}
