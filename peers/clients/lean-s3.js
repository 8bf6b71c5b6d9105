import { S3Client } from "lean-s3";

export function open({ endpoint, region, bucket, credentials }) {
  const client = new S3Client({ endpoint, region, bucket, ...credentials });
  return {
    put: (key, bytes) => client.file(key).write(bytes),
    get: async (key) => (await client.file(key).arrayBuffer()).byteLength,
    read: async (key) => client.file(key).stream(),
    list: async () => (await client.list()).contents.length,
  };
}
