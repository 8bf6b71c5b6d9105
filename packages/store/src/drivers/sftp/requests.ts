import type { FileEntryWithStats, Stats } from "ssh2";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { aborted } from "../../kernel/until-aborted.ts";
import type { Session } from "./session.ts";
import { isEnd } from "./status.ts";

/** How much room a file system has, and what it allows. */
export interface FileSystemState {
  readonly f_bavail: number;
  readonly f_favail: number;
  readonly f_frsize: number;
  readonly f_flag: number;
}

/** The requests of one call: they end with its signal, and what one opens is closed on every path. */
export class Requests {
  readonly session: Session;
  readonly signal: AbortSignal | undefined;
  readonly #waiting = new Set<() => void>();
  readonly #abort = (): void => {
    for (const abort of this.#waiting) abort();
  };

  constructor(session: Session, signal?: AbortSignal) {
    this.session = session;
    this.signal = signal;
  }

  /** The same, for what has to be done however the call ends. */
  get unending(): Requests {
    return new Requests(this.session);
  }

  stat(path: string): Promise<Stats> {
    return this.#until(this.session.ask((sftp, answer) => sftp.stat(path, answer)));
  }

  lstat(path: string): Promise<Stats> {
    return this.#until(this.session.ask((sftp, answer) => sftp.lstat(path, answer)));
  }

  fstat(handle: Buffer): Promise<Stats> {
    return this.#until(this.session.ask((sftp, answer) => sftp.fstat(handle, answer)));
  }

  openToRead(path: string): Promise<Buffer> {
    return this.#opened(this.session.open((sftp, answer) => sftp.open(path, "r", answer)));
  }

  /** Makes a file; fails if anything is there. */
  create(path: string): Promise<Buffer> {
    return this.#opened(this.session.open((sftp, answer) => sftp.open(path, "wx", answer)));
  }

  openDirectory(path: string): Promise<Buffer> {
    return this.#opened(this.session.open((sftp, answer) => sftp.opendir(path, answer)));
  }

  close(handle: Buffer): Promise<void> {
    return this.#until(this.session.close(handle));
  }

  /** Some bytes from a place on, at least one; none at the end of the file. */
  read(handle: Buffer, buffer: Buffer, position: number): Promise<number> {
    const read = this.session.ask<number>((sftp, answer) => {
      sftp.read(handle, buffer, 0, buffer.length, position, answer);
    });
    return this.#until(read);
  }

  /** The bytes are read before this returns: their memory may be used again. */
  write(handle: Buffer, bytes: Buffer, position: number): Promise<void> {
    const written = this.session.tell((sftp, answer) => {
      sftp.write(handle, bytes, 0, bytes.length, position, answer);
    });
    return this.#until(written);
  }

  /** Some entries of a directory, or undefined after the last. */
  async entries(handle: Buffer): Promise<readonly FileEntryWithStats[] | undefined> {
    const read = this.session.ask<FileEntryWithStats[]>((sftp, answer) => {
      sftp.readdir(handle, answer);
    });
    return this.#until(read.catch(undefinedAtEnd));
  }

  makeDirectory(path: string): Promise<void> {
    return this.#change(this.session.tell((sftp, answer) => sftp.mkdir(path, answer)));
  }

  removeDirectory(path: string): Promise<void> {
    return this.#change(this.session.tell((sftp, answer) => sftp.rmdir(path, answer)));
  }

  unlink(path: string): Promise<void> {
    return this.#change(this.session.tell((sftp, answer) => sftp.unlink(path, answer)));
  }

  /** Gives a file another name, in place of whatever file has it. */
  replace(from: string, to: string): Promise<void> {
    const renamed = this.session.tell((sftp, answer) => {
      sftp.ext_openssh_rename(from, to, answer);
    });
    return this.#change(renamed);
  }

  /** Gives a file another name, by version 3 of the protocol: only where nothing has it. */
  rename(from: string, to: string): Promise<void> {
    return this.#change(this.session.tell((sftp, answer) => sftp.rename(from, to, answer)));
  }

  /** Gives a file a second name; fails if anything has it. */
  link(from: string, to: string): Promise<void> {
    const linked = this.session.tell((sftp, answer) => {
      sftp.ext_openssh_hardlink(from, to, answer);
    });
    return this.#change(linked);
  }

  /** Brings a file onto stable storage. */
  sync(handle: Buffer): Promise<void> {
    const synced = this.session.tell((sftp, answer) => sftp.ext_openssh_fsync(handle, answer));
    return this.#until(synced);
  }

  /** Sets when a file was changed, in seconds. */
  setTime(handle: Buffer, mtime: number): Promise<void> {
    const set = this.session.tell((sftp, answer) => sftp.futimes(handle, mtime, mtime, answer));
    return this.#until(set);
  }

  /** Copies bytes of one open file into another, at the same place of both. */
  copyData(from: Buffer, to: Buffer, range: { start: number; length: number }): Promise<void> {
    const { start, length } = range;
    const copied = this.session.tell((sftp, answer) => {
      sftp.ext_copy_data(from, start, length, to, start, answer);
    });
    return this.#until(copied);
  }

  fileSystem(path: string): Promise<FileSystemState> {
    return this.#until(this.session.ask((sftp, answer) => sftp.ext_openssh_statvfs(path, answer)));
  }

  /** All that is asked for at once shares one listener. */
  #until<T>(answered: Promise<T>): Promise<T> {
    const { signal } = this;
    if (signal === undefined) return answered;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(aborted(signal));
      if (signal.aborted) abort();
      if (this.#waiting.size === 0) signal.addEventListener("abort", this.#abort);
      this.#waiting.add(abort);
      answered.then(resolve, reject).finally(() => {
        this.#waiting.delete(abort);
        if (this.#waiting.size === 0) signal.removeEventListener("abort", this.#abort);
      });
    });
  }

  /** What is opened after nobody wants it any more is closed. */
  async #opened(opening: Promise<Buffer>): Promise<Buffer> {
    try {
      return await this.#until(opening);
    } catch (error) {
      opening.then((handle) => this.session.close(handle)).catch(ignore);
      throw error;
    }
  }

  /** What was asked for and not answered may have happened. */
  async #change(changed: Promise<void>): Promise<void> {
    try {
      await this.#until(changed);
    } catch (error) {
      if (this.signal?.aborted === true) throw aborted(this.signal, true);
      if (!(error instanceof DriverFailure) || error.kind === "unsupported") throw error;
      const { kind, message, cause } = error;
      throw new DriverFailure({ kind, message, cause, ambiguous: true });
    }
  }
}

function undefinedAtEnd(error: unknown): undefined {
  if (!isEnd(error)) throw error;
}

function ignore(): void {}
