import { S3Client } from "@holdfast/client";
import type { Place, Subject } from "../subject.ts";

/** Holdfast's own client with its defaults. */
export function open({ bucket, ...options }: Place): Subject {
  const client = new S3Client(options);
  return {
    put: (key, body) => client.putObject({ bucket, key, body }),
    get: async (key) => (await (await client.getObject({ bucket, key })).body.bytes()).length,
    read: async (key) => (await client.getObject({ bucket, key })).body,
    list: async () => (await client.listObjects({ bucket }).page()).contents.length,
  };
}
