import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { Client, Driver, Refused, Target } from "../client.ts";
import { encodeKey } from "../raw-request.ts";
import type { Session } from "../session.ts";

const at = ({ bucket, key }: Target): { Bucket: string; Key: string } => ({
  Bucket: bucket,
  Key: key,
});

async function fetchTo(client: S3Client, target: Target, file: string): Promise<void> {
  const { Body } = await client.send(new GetObjectCommand(at(target)));
  if (!(Body instanceof Readable)) throw new Error("the answer to GetObject has no stream");
  await pipeline(Body, createWriteStream(file));
}

async function keysOf(client: S3Client, bucket: string): Promise<readonly string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = "" }) => Key);
}

async function refusalOf(client: S3Client, { bucket, key }: Refused): Promise<string> {
  try {
    await (key === undefined
      ? client.send(new ListObjectsV2Command({ Bucket: bucket }))
      : client.send(new GetObjectCommand(at({ bucket, key }))));
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return error.name;
  }
  return "no error";
}

function open(session: Session): Driver {
  const { accessKeyId, secretAccessKey, region, url } = session;
  const client = new S3Client({
    endpoint: url,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
  });
  return {
    createBucket: async (bucket) =>
      void (await client.send(new CreateBucketCommand({ Bucket: bucket }))),
    removeBucket: async (bucket) =>
      void (await client.send(new DeleteBucketCommand({ Bucket: bucket }))),
    put: async (target, file) =>
      void (await client.send(
        new PutObjectCommand({ ...at(target), Body: createReadStream(file) }),
      )),
    get: (target, file) => fetchTo(client, target, file),
    head: async (target) =>
      (await client.send(new HeadObjectCommand(at(target)))).ContentLength ?? Number.NaN,
    list: (bucket) => keysOf(client, bucket),
    multipart: async (target, file) =>
      void (await new Upload({
        client,
        params: { ...at(target), Body: createReadStream(file) },
      }).done()),
    copy: async (target, source) => {
      const CopySource = encodeKey(`${target.bucket}/${source}`);
      await client.send(new CopyObjectCommand({ ...at(target), CopySource }));
    },
    presign: (target, method) =>
      method === "GET"
        ? getSignedUrl(client, new GetObjectCommand(at(target)))
        : getSignedUrl(client, new PutObjectCommand(at(target))),
    remove: async (target) => void (await client.send(new DeleteObjectCommand(at(target)))),
    empty: async (bucket) => {
      const Objects = (await keysOf(client, bucket)).map((Key) => ({ Key }));
      const Delete = { Objects, Quiet: true };
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete }),
      );
      if (Errors.length > 0) throw new Error(JSON.stringify(Errors));
    },
    refusal: (refused) => refusalOf(client, refused),
  };
}

function installedVersion(): string {
  const { version }: { version: string } = JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve("@aws-sdk/client-s3/package.json"), "utf8"),
  );
  return version;
}

/** The AWS SDK for JavaScript, version 3. */
export const awsSdk: Client = {
  name: "aws-sdk",
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
