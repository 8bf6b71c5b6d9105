import { createStorage } from "unstorage";
import fsDriver from "unstorage/drivers/fs";
import s3Driver from "unstorage/drivers/s3";

function driverOf({ backend, directory, endpoint, region, bucket, credentials }) {
  if (backend === "local") return fsDriver({ base: directory, watchOptions: {} });
  return s3Driver({ endpoint, region, bucket, ...credentials });
}

export function open(place) {
  const storage = createStorage({ driver: driverOf(place) });
  const read = async (key) => (await storage.getItemRaw(key)).byteLength;
  const list = async (folder) => (await storage.getKeys(folder)).length;
  return {
    write: (key, bytes) => storage.setItemRaw(key, bytes),
    read,
    // It has no streams.
    readLarge: read,
    stat: async (key) => {
      const meta = await storage.getMeta(key);
      return meta.size ?? 0;
    },
    exists: (key) => storage.hasItem(key),
    delete: (key) => storage.removeItem(key),
    // On S3 it gives the first thousand keys of the bucket whatever it is asked for.
    ...(place.backend === "local" && {
      list,
      listSizes: async (folder) => {
        const found = await storage.getKeys(folder);
        let count = 0;
        while (count < found.length) {
          const page = found.slice(count, count + 1000);
          const all = await Promise.all(page.map(async (key) => storage.getMeta(key)));
          count += all.filter(({ size }) => size >= 0).length;
        }
        return count;
      },
    }),
  };
}
