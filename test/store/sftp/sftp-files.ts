import {
  link,
  lstat,
  mkdir,
  open,
  readdir,
  rename,
  rmdir,
  stat,
  statfs,
  unlink,
  type FileHandle,
} from "node:fs/promises";
import type { Stats } from "node:fs";
import { resolve } from "node:path";
import { string, uint32, uint64, type PacketReader } from "./packet.ts";

/** What a request is answered with: a status by its number, or a packet of that type. */
export type Reply = number | { readonly type: number; readonly payload: Buffer };

/** What is told of a file system. */
export interface FileSystemState {
  readonly bavail: number;
  readonly ffree: number;
  readonly flags: number;
}

interface Directory {
  readonly path: string;
  names: readonly string[];
}

type Handler = (files: SftpFiles, packet: PacketReader) => Promise<Reply>;

const done = 0;
const end = 1;
const failed = 4;
const entriesMax = 100;
const readBytesMax = 255 * 1024;

/** OpenSSH's own table. */
const statusOfErrno: Readonly<Record<string, number>> = {
  ENOENT: 2,
  ENOTDIR: 2,
  EBADF: 2,
  ELOOP: 2,
  EPERM: 3,
  EACCES: 3,
  EFAULT: 3,
  ENAMETOOLONG: 5,
  EINVAL: 5,
  ENOSYS: 8,
};

/** The status of what the file system rejected with. */
export function statusOfError(error: unknown): number {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return statusOfErrno[code] ?? failed;
}

/** The files of one session, as OpenSSH's server works on them: one request after the other, by real calls. */
export class SftpFiles {
  readonly #home: string;
  readonly #open = new Map<string, FileHandle | Directory>();
  #handles = 0;

  /** Overrides what is said of the file system. */
  readonly fileSystem: () => Partial<FileSystemState>;

  constructor(home: string, fileSystem: () => Partial<FileSystemState>) {
    this.#home = home;
    this.fileSystem = fileSystem;
  }

  get openCount(): number {
    return this.#open.size;
  }

  path(packet: PacketReader): string {
    return resolve(this.#home, packet.text());
  }

  async opened(thing: FileHandle | Directory): Promise<Reply> {
    this.#handles += 1;
    const name = String(this.#handles);
    this.#open.set(name, thing);
    return { type: 102, payload: string(name) };
  }

  file(packet: PacketReader): FileHandle {
    const thing = this.#open.get(packet.text());
    if (thing === undefined || "names" in thing) throw badHandle();
    return thing;
  }

  directory(packet: PacketReader): Directory {
    const thing = this.#open.get(packet.text());
    if (thing === undefined || !("names" in thing)) throw badHandle();
    return thing;
  }

  async close(name: string): Promise<number> {
    const thing = this.#open.get(name);
    if (thing === undefined) throw badHandle();
    this.#open.delete(name);
    if (!("names" in thing)) await thing.close();
    return done;
  }

  async closeAll(): Promise<void> {
    for (const name of this.#open.keys()) await this.close(name);
  }
}

function badHandle(): Error {
  return Object.assign(new Error("no such handle"), { code: "EBADF" });
}

function attributes({ size, uid, gid, mode, atimeMs, mtimeMs }: Stats): Buffer {
  const numbers = [uid, gid, mode, Math.floor(atimeMs / 1000), Math.floor(mtimeMs / 1000)];
  return Buffer.concat([uint32(0xf), uint64(size), ...numbers.map(uint32)]);
}

async function attributesReply(stats: Promise<Stats>): Promise<Reply> {
  return { type: 105, payload: attributes(await stats) };
}

function flagsOf(bits: number): string {
  if ((bits & 0x2) === 0) return "r";
  return (bits & 0x20) === 0 ? "w" : "wx";
}

async function ok(work: Promise<unknown>): Promise<Reply> {
  await work;
  return done;
}

async function read(files: SftpFiles, packet: PacketReader): Promise<Reply> {
  const file = files.file(packet);
  const position = packet.uint64();
  const buffer = Buffer.alloc(Math.min(packet.uint32(), readBytesMax));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
  if (bytesRead === 0) return end;
  return { type: 103, payload: string(buffer.subarray(0, bytesRead)) };
}

async function write(files: SftpFiles, packet: PacketReader): Promise<Reply> {
  const file = files.file(packet);
  const position = packet.uint64();
  const bytes = packet.bytes();
  await file.write(bytes, 0, bytes.length, position);
  return done;
}

async function readNames(files: SftpFiles, packet: PacketReader): Promise<Reply> {
  const directory = files.directory(packet);
  const names = directory.names.slice(0, entriesMax);
  directory.names = directory.names.slice(entriesMax);
  if (names.length === 0) return end;
  const entries = names.map(async (name) => {
    const stats = await lstat(resolve(directory.path, name)).catch(() => undefined);
    return stats === undefined
      ? []
      : [Buffer.concat([string(name), string(name), attributes(stats)])];
  });
  const found = (await Promise.all(entries)).flat();
  return { type: 104, payload: Buffer.concat([uint32(found.length), ...found]) };
}

async function setTimes(files: SftpFiles, packet: PacketReader): Promise<Reply> {
  const file = files.file(packet);
  if (packet.uint32() !== 0x8) return failed;
  const accessed = packet.uint32();
  await file.utimes(accessed, packet.uint32());
  return done;
}

/** As OpenSSH does it: by a link, so that nothing is overwritten. */
async function renameOnly(files: SftpFiles, packet: PacketReader): Promise<Reply> {
  const from = files.path(packet);
  const to = files.path(packet);
  await link(from, to);
  await unlink(from);
  return done;
}

async function space(files: SftpFiles, packet: PacketReader): Promise<Reply> {
  const { bsize, blocks, bfree, files: nodes, ...real } = await statfs(files.path(packet));
  const { bavail, ffree, flags } = { ...real, flags: 0, ...files.fileSystem() };
  const numbers = [bsize, bsize, blocks, bfree, bavail, nodes, ffree, ffree, 0, flags, 255];
  return { type: 201, payload: Buffer.concat(numbers.map(uint64)) };
}

async function copyData(files: SftpFiles, packet: PacketReader): Promise<Reply> {
  const from = files.file(packet);
  const start = packet.uint64();
  const buffer = Buffer.alloc(packet.uint64());
  const { bytesRead } = await from.read(buffer, 0, buffer.length, start);
  await files.file(packet).write(buffer, 0, bytesRead, packet.uint64());
  return done;
}

/** Each request by its number in the protocol, with a name for it. */
export const requests: Readonly<Record<number, readonly [name: string, handler: Handler]>> = {
  3: [
    "open",
    async (files, packet) => {
      const path = files.path(packet);
      return files.opened(await open(path, flagsOf(packet.uint32())));
    },
  ],
  4: ["close", (files, packet) => files.close(packet.text())],
  5: ["read", read],
  6: ["write", write],
  7: ["lstat", (files, packet) => attributesReply(lstat(files.path(packet)))],
  8: ["fstat", (files, packet) => attributesReply(files.file(packet).stat())],
  10: ["fsetstat", setTimes],
  11: [
    "opendir",
    async (files, packet) => {
      const path = files.path(packet);
      return files.opened({ path, names: [".", "..", ...(await readdir(path))] });
    },
  ],
  12: ["readdir", readNames],
  13: ["remove", (files, packet) => ok(unlink(files.path(packet)))],
  14: ["mkdir", (files, packet) => ok(mkdir(files.path(packet)))],
  15: ["rmdir", (files, packet) => ok(rmdir(files.path(packet)))],
  17: ["stat", (files, packet) => attributesReply(stat(files.path(packet)))],
  18: ["rename", renameOnly],
};

/** OpenSSH's extensions, with the version that is announced. */
export const extensions: Readonly<Record<string, readonly [version: string, handler: Handler]>> = {
  "posix-rename@openssh.com": [
    "1",
    (files, packet) => ok(rename(files.path(packet), files.path(packet))),
  ],
  "hardlink@openssh.com": [
    "1",
    (files, packet) => ok(link(files.path(packet), files.path(packet))),
  ],
  // Without the disk: nothing here cuts its power, and the tests would wait for it most of their time.
  "fsync@openssh.com": ["1", (files, packet) => ok(files.file(packet).stat())],
  "statvfs@openssh.com": ["2", space],
  "copy-data": ["1", copyData],
};
