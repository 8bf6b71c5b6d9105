import { errnoOf } from "../disk/disk-error.ts";
import type { Fs } from "../disk/fs.ts";

interface Overlay {
  readonly fs: Fs;
  /** Paths below this one are taken from `to` and never changed there. */
  readonly from: string;
  readonly to: string;
}

/** A file system of which one directory is another's, to look at: what is unlinked there only seems gone. */
export function overlayFs({ fs, from, to }: Overlay): Fs {
  const unlinked = new Set<string>();
  const behind = (path: string): string | undefined =>
    path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : undefined;
  const assertThere = (path: string): void => {
    if (unlinked.has(path)) throw errno("ENOENT", path);
  };
  return {
    async open(path, mode) {
      const real = behind(path);
      if (real === undefined) return fs.open(path, mode);
      assertThere(real);
      if (mode !== "read") throw errno("EROFS", path);
      return fs.open(real, mode);
    },
    async unlink(path) {
      const real = behind(path);
      if (real === undefined) return fs.unlink(path);
      assertThere(real);
      await (await fs.open(real, "read")).close();
      unlinked.add(real);
    },
    async rename(source, target) {
      if (behind(source) !== undefined || behind(target) !== undefined)
        throw errno("EROFS", source);
      await fs.rename(source, target);
    },
    async mkdir(path) {
      if (behind(path) === undefined) await fs.mkdir(path);
    },
    async readdir(path) {
      const real = behind(path);
      if (real === undefined) return fs.readdir(path);
      try {
        return (await fs.readdir(real)).filter((name) => !unlinked.has(`${real}/${name}`));
      } catch (error) {
        // A directory of blobs that the start would make.
        if (errnoOf(error) === "ENOENT" && path === from) return [];
        throw error;
      }
    },
    space: (path) => fs.space(behind(path) ?? path),
    async syncDirectory(path) {
      if (behind(path) === undefined) await fs.syncDirectory(path);
    },
  };
}

function errno(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
