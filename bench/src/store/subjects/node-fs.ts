import { createReadStream } from "node:fs";
import { lstat, open as openFile, readdir, readFile, rename, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { StorePlace, StoreSubject } from "../subject.ts";

async function syncDirectory(path: string): Promise<void> {
  const directory = await openFile(path, "r");
  await directory.sync();
  await directory.close();
}

/** The least that keeps what Holdfast promises: a file whole or not at all and on stable storage, a listing with sizes. */
export function open({ directory }: StorePlace): StoreSubject {
  let files = 0;
  const list = async (): Promise<number> => {
    const entries = await readdir(directory, { recursive: true, withFileTypes: true });
    const found = entries.filter((entry) => entry.isFile());
    const sizes: number[] = [];
    while (sizes.length < found.length) {
      const page = found.slice(sizes.length, sizes.length + 1000);
      const stats = await Promise.all(page.map((one) => lstat(join(one.parentPath, one.name))));
      sizes.push(...stats.map(({ size }) => size));
    }
    return sizes.length;
  };
  return {
    async write(path, bytes) {
      files += 1;
      const target = join(directory, path);
      const file = await openFile(`${target}.${files}.tmp`, "wx");
      await file.writeFile(bytes);
      await file.sync();
      await file.close();
      await rename(`${target}.${files}.tmp`, target);
      await syncDirectory(dirname(target));
    },
    read: async (path) => (await readFile(join(directory, path))).byteLength,
    async readLarge(path) {
      let length = 0;
      const pieces: AsyncIterable<Buffer> = createReadStream(join(directory, path));
      for await (const piece of pieces) length += piece.byteLength;
      return length;
    },
    stat: async (path) => (await stat(join(directory, path))).size,
    exists: async (path) => (await stat(join(directory, path))).isFile(),
    async delete(path) {
      const target = join(directory, path);
      await unlink(target);
      await syncDirectory(dirname(target));
    },
    list,
    listSizes: list,
  };
}
