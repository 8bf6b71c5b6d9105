import { AwsClient } from "aws4fetch";

/** It signs and sends; there is no list to parse a page with. */
export function open({ endpoint, region, bucket, credentials }) {
  const client = new AwsClient({ region, service: "s3", ...credentials });
  const url = (key) => `${endpoint}/${bucket}/${key}`;
  return {
    put: async (key, bytes) => {
      const answer = await client.fetch(url(key), { method: "PUT", body: bytes });
      await answer.arrayBuffer();
    },
    get: async (key) => (await (await client.fetch(url(key))).arrayBuffer()).byteLength,
    read: async (key) => (await client.fetch(url(key))).body,
  };
}
