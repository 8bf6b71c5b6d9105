import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client as MinioClient, S3Error } from "minio";
import type { Client, Driver, Refused } from "../client.ts";
import type { Session } from "../session.ts";

const mebibyte = 1024 * 1024;

async function keysOf(client: MinioClient, bucket: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const { name } of client.listObjectsV2(bucket, "", true)) keys.push(String(name));
  return keys;
}

async function refusalOf(client: MinioClient, { bucket, key }: Refused): Promise<string> {
  try {
    if (key === undefined) await keysOf(client, bucket);
    else (await client.getObject(bucket, key)).destroy();
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return error.code ?? "no code";
  }
  return "no error";
}

function open(session: Session): Driver {
  const { accessKeyId, secretAccessKey, region, url } = session;
  const { hostname, port } = new URL(url);
  const client = new MinioClient({
    endPoint: hostname,
    port: Number(port),
    useSSL: false,
    pathStyle: true,
    partSize: 8 * mebibyte,
    accessKey: accessKeyId,
    secretKey: secretAccessKey,
    region,
  });
  return {
    createBucket: (bucket) => client.makeBucket(bucket),
    removeBucket: (bucket) => client.removeBucket(bucket),
    put: async ({ bucket, key }, file) =>
      void (await client.putObject(bucket, key, readFileSync(file))),
    get: ({ bucket, key }, file) => client.fGetObject(bucket, key, file),
    head: async ({ bucket, key }) => (await client.statObject(bucket, key)).size,
    list: (bucket) => keysOf(client, bucket),
    multipart: async ({ bucket, key }, file) => void (await client.fPutObject(bucket, key, file)),
    copy: async ({ bucket, key }, source) =>
      void (await client.copyObject(bucket, key, encodeURI(`/${bucket}/${source}`))),
    presign: ({ bucket, key }, method) => client.presignedUrl(method, bucket, key),
    remove: ({ bucket, key }) => client.removeObject(bucket, key),
    empty: async (bucket) => {
      const results = await client.removeObjects(bucket, [...(await keysOf(client, bucket))]);
      const refused = results.filter((result) => result?.Error !== undefined);
      if (refused.length > 0) throw new Error(JSON.stringify(refused));
    },
    refusal: (refused) => refusalOf(client, refused),
  };
}

function installedVersion(): string {
  const file = join("node_modules", "minio", "package.json");
  const { version }: { version: string } = JSON.parse(readFileSync(file, "utf8"));
  return version;
}

/** MinIO's client for JavaScript. */
export const minio: Client = {
  name: "minio",
  version: async () => installedVersion(),
  open,
  reports: {
    "missing-key": "NoSuchKey",
    "missing-bucket": "NoSuchBucket",
    "wrong-secret": "SignatureDoesNotMatch",
    "unknown-key-id": "InvalidAccessKeyId",
  },
  cannot: {},
};
