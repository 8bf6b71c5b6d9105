import { s3Error, type S3Error } from "@holdfast/protocol";
import { diskError } from "./disk-error.ts";
import type { Fs, FsFile } from "./fs.ts";

/** What ends writing for a while only. */
export type PassingReason = "disk_full" | "out_of_descriptors";

/** Whether the engine takes writes, and why not. */
export interface Health {
  readonly writable: boolean;
  /** The metric's label of what ended writing: `sync_failed`, `log_failed`, `index_failed`, `disk_full`, `out_of_descriptors`. */
  readonly reason?: string;
  readonly cause?: unknown;
  /** Whether it comes back by itself once the cause is gone; otherwise a restart has to find out. */
  readonly passing?: boolean;
  /** Syncs that failed since the engine was opened. */
  readonly syncFailures: number;
}

/** Told of every change of whether writes are taken. */
export type OnHealth = (health: Health) => void;

/**
 * One disk and whether it can still be trusted with writes. The first failed sync ends writing until
 * a restart: the kernel marks pages clean after a failed fsync, so trying again would answer for
 * bytes that are gone (Rebello et al., USENIX ATC 2020).
 */
export class Volume {
  readonly fs: Fs;
  readonly #onHealth: OnHealth;
  #state: Omit<Health, "syncFailures"> = { writable: true };
  #syncFailures = 0;

  constructor(fs: Fs, onHealth: OnHealth = () => undefined) {
    this.#onHealth = onHealth;
    this.fs = guarded(fs, (cause) => {
      this.#syncFailures += 1;
      return this.fail("sync_failed", cause);
    });
  }

  get health(): Health {
    return { ...this.#state, syncFailures: this.#syncFailures };
  }

  get writable(): boolean {
    return this.#state.writable;
  }

  /** Ends writing for good; only the first reason is kept. Returns what writes are refused with from now on. */
  fail(reason: string, cause: unknown): S3Error {
    if (this.#state.writable || this.#state.passing === true) {
      this.#set({ writable: false, reason, cause });
    }
    return this.#refusal();
  }

  /** Ends writing until `resume`. Returns what writes are refused with from now on. */
  suspend(reason: PassingReason, cause: unknown): S3Error {
    if (this.#state.writable) this.#set({ writable: false, reason, cause, passing: true });
    return this.#refusal();
  }

  /** Takes writes again after `suspend`, unless something worse happened since. */
  resume(): void {
    if (this.#state.passing === true) this.#set({ writable: true });
  }

  assertWritable(): void {
    if (!this.#state.writable) throw this.#refusal();
  }

  #set(state: Omit<Health, "syncFailures">): void {
    this.#state = state;
    this.#onHealth(this.health);
  }

  #refusal(): S3Error {
    const { reason = "volume_failed", cause } = this.#state;
    const code = reason === "disk_full" ? "InsufficientStorage" : "ServiceUnavailable";
    return s3Error(code, undefined, { reason, cause });
  }
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
    space: (path) => fs.space(path).catch(named),
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
