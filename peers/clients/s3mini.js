import { S3mini } from "s3mini";

export function open({ endpoint, region, bucket, credentials }) {
  const client = new S3mini({ endpoint: `${endpoint}/${bucket}`, region, ...credentials });
  return {
    put: (key, bytes) => client.putObject(key, bytes),
    get: async (key) => (await client.getObjectArrayBuffer(key)).byteLength,
    read: async (key) => (await client.getObjectResponse(key)).body,
    list: async () => (await client.listObjects("/", "", 1000)).length,
  };
}
