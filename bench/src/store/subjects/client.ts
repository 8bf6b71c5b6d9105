import { S3Client } from "@holdfast/client";
import type { StorePlace, StoreSubject } from "../subject.ts";

/** Holdfast's client without a store over it. */
export function open({ bucket, region, endpoint, credentials }: StorePlace): StoreSubject {
  const client = new S3Client({ region, endpoint, credentials });
  return {
    write: (key, body) => client.putObject({ bucket, key, body }),
    read: async (key) => (await (await client.getObject({ bucket, key })).body.bytes()).byteLength,
    list: async (folder) => {
      let count = 0;
      for await (const { size } of client.listObjects({ bucket, prefix: `${folder}/` })) {
        if (size >= 0) count += 1;
      }
      return count;
    },
  };
}
