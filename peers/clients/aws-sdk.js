import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";

export function open({ endpoint, region, bucket, credentials }) {
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const body = async (key) =>
    (await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))).Body;
  return {
    put: (key, bytes) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes })),
    get: async (key) => (await (await body(key)).transformToByteArray()).length,
    read: body,
    list: async () =>
      (await client.send(new ListObjectsV2Command({ Bucket: bucket }))).Contents.length,
  };
}
