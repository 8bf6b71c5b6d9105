import { S3Client } from "@holdfast/client";
import { LocalDriver, S3Driver, Store, type Driver } from "@holdfast/store";
import type { StorePlace, StoreSubject } from "../subject.ts";

function driverOf({ backend, directory, bucket, ...options }: StorePlace): Driver {
  if (backend === "local") return new LocalDriver({ root: directory });
  return new S3Driver({ client: new S3Client(options), bucket });
}

/** Holdfast's store with its defaults. */
export function open(place: StorePlace): StoreSubject {
  const store = Store.over(driverOf(place));
  const list = async (folder: string): Promise<number> => {
    let count = 0;
    for await (const { size } of store.listFiles(folder, { recursive: true })) {
      if (size >= 0) count += 1;
    }
    return count;
  };
  return {
    write: (path, bytes) => store.write(path, bytes, { overwrite: true }),
    read: async (path) => (await store.readBytes(path)).byteLength,
    readLarge: async (path) => {
      let length = 0;
      for await (const piece of await store.read(path)) length += piece.byteLength;
      return length;
    },
    stat: async (path) => (await store.getFileInfo(path)).size,
    exists: (path) => store.exists(path),
    delete: (path) => store.delete(path),
    list,
    listSizes: list,
  };
}
