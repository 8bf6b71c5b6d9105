import { s3Error, type S3Error } from "@holdfast/protocol";
import { diskError } from "./disk-error.ts";
import type { Fs, FsFile } from "./fs.ts";

/** Whether the engine takes writes, and why not. */
export interface Health {
  readonly writable: boolean;
  /** The metric's label of what ended writing: `sync_failed`, `log_failed`, `index_failed`. */
  readonly reason?: string;
  readonly cause?: unknown;
}

/**
 * One disk and whether it can still be trusted with writes. The first failed sync ends writing until
 * a restart: the kernel marks pages clean after a failed fsync, so trying again would answer for
 * bytes that are gone (Rebello et al., USENIX ATC 2020).
 */
export class Volume {
  readonly fs: Fs;
  #health: Health = { writable: true };

  constructor(fs: Fs) {
    this.fs = guarded(fs, (cause) => this.fail("sync_failed", cause));
  }

  get health(): Health {
    return this.#health;
  }

  /** Ends writing; only the first reason is kept. Returns what writes are refused with from now on. */
  fail(reason: string, cause: unknown): S3Error {
    if (this.#health.writable) this.#health = { writable: false, reason, cause };
    return refusal(this.#health);
  }

  assertWritable(): void {
    if (!this.#health.writable) throw refusal(this.#health);
  }
}

function refusal({ reason = "volume_failed", cause }: Health): S3Error {
  return s3Error("ServiceUnavailable", undefined, { reason, cause });
}

type OnSyncFailure = (cause: unknown) => S3Error;

/** The same file system with every failure named by the catalogue, and every failed sync reported. */
function guarded(fs: Fs, onSyncFailure: OnSyncFailure): Fs {
  return {
    open: (path, mode) =>
      fs.open(path, mode).then((file) => guardedFile(file, onSyncFailure), named),
    unlink: (path) => fs.unlink(path).catch(named),
    rename: (from, to) => fs.rename(from, to).catch(named),
    mkdir: (path) => fs.mkdir(path).catch(named),
    readdir: (path) => fs.readdir(path).catch(named),
    syncDirectory: (path) =>
      fs.syncDirectory(path).catch((cause: unknown) => {
        throw onSyncFailure(cause);
      }),
  };
}

function guardedFile(file: FsFile, onSyncFailure: OnSyncFailure): FsFile {
  return {
    read: (into, position) => file.read(into, position).catch(named),
    write: (bytes, position) => file.write(bytes, position).catch(named),
    truncate: (length) => file.truncate(length).catch(named),
    size: () => file.size().catch(named),
    close: () => file.close().catch(named),
    datasync: () =>
      file.datasync().catch((cause: unknown) => {
        throw onSyncFailure(cause);
      }),
  };
}

function named(cause: unknown): never {
  throw diskError(cause);
}
