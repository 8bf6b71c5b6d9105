import { constants, fdatasync, write } from "node:fs";
import { mkdir, open, readdir, rename, statfs, unlink, type FileHandle } from "node:fs/promises";
import { errnoOf } from "./disk-error.ts";
import type { Fs, FsFile, OpenMode } from "./fs.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR } = constants;

const flags: Readonly<Record<OpenMode, number>> = {
  create: O_RDWR | O_CREAT | O_EXCL,
  modify: O_RDWR | O_NOFOLLOW,
  read: O_RDONLY,
};

/** The machine's own file system. */
export const nodeFs: Fs = {
  async open(path, mode) {
    return nodeFile(await open(path, flags[mode], 0o600));
  },
  unlink,
  rename,
  async mkdir(path) {
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
    }
  },
  readdir,
  async syncDirectory(path) {
    const handle = await open(path, O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async space(path) {
    const { bsize, blocks, bavail, files, ffree } = await statfs(path);
    // Btrfs counts no files, and neither does a tmpfs that was told not to.
    const counted = files > 0;
    return {
      bytesFree: bavail * bsize,
      bytesTotal: blocks * bsize,
      filesFree: counted ? ffree : Infinity,
      filesTotal: counted ? files : Infinity,
    };
  },
};

function nodeFile(handle: FileHandle): FsFile {
  return {
    async read(into, position) {
      let filled = 0;
      while (filled < into.length) {
        const { bytesRead } = await handle.read(
          into,
          filled,
          into.length - filled,
          position + filled,
        );
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    },
    // A handle's own methods cost a commit of small writes a tenth of its processor time.
    write: (bytes, position) =>
      new Promise((resolve, reject) => {
        write(handle.fd, bytes, 0, bytes.length, position, (error, written) => {
          if (error === null) resolve(written);
          else reject(error);
        });
      }),
    datasync: () =>
      new Promise((resolve, reject) => {
        fdatasync(handle.fd, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      }),
    truncate: (length) => handle.truncate(length),
    size: async () => (await handle.stat()).size,
    close: () => handle.close(),
  };
}
