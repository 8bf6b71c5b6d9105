/** An open file. Positions and lengths are in bytes. */
export interface FsFile {
  /** Fills `into` from `position`; resolves with how many bytes it got, fewer only where the file ends. */
  read(into: Buffer, position: number): Promise<number>;
  /** Writes at `position`; resolves with how many bytes were taken, which may be fewer than offered. */
  write(bytes: Buffer, position: number): Promise<number>;
  /** Brings bytes and length to stable storage. */
  datasync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  /** Only once everything else that was asked of it has ended. */
  close(): Promise<void>;
}

/** `create` makes a file that must not exist, with mode 0600; the others need it to exist. */
export type OpenMode = "create" | "modify" | "read";

/** What a file system holds in all, and what is left of it for us. Infinity where it knows no bound. */
export interface Space {
  readonly bytesFree: number;
  readonly bytesTotal: number;
  /** Files that can still be made. */
  readonly filesFree: number;
  readonly filesTotal: number;
}

/** What the engine asks of a disk. Rejections carry an errno name in `code`, as those of `node:fs` do. */
export interface Fs {
  open(path: string, mode: OpenMode): Promise<FsFile>;
  unlink(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** With mode 0700. A directory that is there already is left as it is. */
  mkdir(path: string): Promise<void>;
  readdir(path: string): Promise<readonly string[]>;
  /** Brings a directory's entries to stable storage. */
  syncDirectory(path: string): Promise<void>;
  /** Of the file system that holds this directory. */
  space(path: string): Promise<Space>;
}
