import type { Subject } from "../probe/subject.ts";

/** The subjects that are known by name, each loaded when it is asked for. */
export const subjects: Readonly<Record<string, () => Promise<Subject>>> = {
  "@holdfast/client": async () => (await import("./holdfast-client.ts")).holdfastClient,
  "@holdfast/store": async () => (await import("./holdfast-store.ts")).holdfastStore,
  "@aws-sdk/client-s3": async () => (await import("./aws-sdk.ts")).awsSdk,
  minio: async () => (await import("./minio.ts")).minio,
  s3mini: async () => (await import("./s3mini.ts")).s3mini,
  "lean-s3": async () => (await import("./lean-s3.ts")).leanS3,
  aws4fetch: async () => (await import("./aws4fetch.ts")).aws4fetch,
  flydrive: async () => (await import("./flydrive.ts")).flydrive,
  "@flystorage/file-storage": async () => (await import("./flystorage.ts")).flystorage,
  boto3: async () => (await import("./boto3.ts")).boto3,
  aws: async () => (await import("./aws-cli.ts")).awsCli,
  s3cmd: async () => (await import("./s3cmd.ts")).s3cmd,
  rclone: async () => (await import("./rclone.ts")).rclone,
};
