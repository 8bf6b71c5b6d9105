import { Client } from "minio";

async function lengthOf(stream) {
  let length = 0;
  for await (const chunk of stream) length += chunk.length;
  return length;
}

export function open({ endpoint, region, bucket, credentials }) {
  const { hostname, port } = new URL(endpoint);
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = credentials;
  const options = { endPoint: hostname, port: Number(port), useSSL: false, region };
  const client = new Client({ ...options, accessKey, secretKey });
  return {
    put: (key, bytes) => client.putObject(bucket, key, bytes, bytes.length),
    get: async (key) => lengthOf(await client.getObject(bucket, key)),
    read: (key) => client.getObject(bucket, key),
    list: async () => {
      let count = 0;
      for await (const _ of client.listObjectsV2(bucket, "", true)) count += 1;
      return count;
    },
  };
}
