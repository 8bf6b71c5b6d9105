import { S3Client } from "@aws-sdk/client-s3";
import { Disk } from "flydrive";
import { FSDriver } from "flydrive/drivers/fs";
import { S3Driver } from "flydrive/drivers/s3";

function driverOf({ backend, directory, endpoint, region, bucket, credentials }) {
  if (backend === "local") return new FSDriver({ location: directory, visibility: "private" });
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  return new S3Driver({ client, bucket, visibility: "private", supportsACL: false });
}

export function open(place) {
  const disk = new Disk(driverOf(place));
  async function* files(folder) {
    let paginationToken;
    do {
      const page = await disk.listAll(folder || "/", { recursive: true, paginationToken });
      for (const one of page.objects) if (one.isFile) yield one;
      paginationToken = page.paginationToken;
    } while (paginationToken);
  }
  return {
    write: (path, bytes) => disk.put(path, bytes),
    read: async (path) => (await disk.getBytes(path)).byteLength,
    readLarge: async (path) => {
      let length = 0;
      for await (const piece of await disk.getStream(path)) length += piece.length;
      return length;
    },
    stat: async (path) => (await disk.getMetaData(path)).contentLength,
    exists: (path) => disk.exists(path),
    delete: (path) => disk.delete(path),
    list: async (folder) => {
      let count = 0;
      for await (const _ of files(folder)) count += 1;
      return count;
    },
    listSizes: async (folder) => {
      const found = [];
      for await (const file of files(folder)) found.push(file);
      let count = 0;
      while (count < found.length) {
        const page = found.slice(count, count + 1000);
        const all = await Promise.all(page.map((file) => file.getMetaData()));
        count += all.filter(({ contentLength }) => contentLength >= 0).length;
      }
      return count;
    },
  };
}
