import { Readable } from "node:stream";
import type { Action } from "../probe/action.ts";
import type { ActionCall, Subject, SubjectSettings } from "../probe/subject.ts";
import { noCall } from "./refuse.ts";
import { installedModule, installedVersion } from "./installed.ts";

interface Refused {
  readonly Key: string;
  readonly Code: string;
}

interface Client {
  getObject(bucket: string, key: string): Promise<Readable>;
  statObject(bucket: string, key: string): Promise<{ readonly size: number }>;
  putObject(
    bucket: string,
    key: string,
    body: Buffer | Readable,
    size?: number,
    metadata?: Readonly<Record<string, string>>,
  ): Promise<unknown>;
  copyObject(bucket: string, key: string, source: string): Promise<unknown>;
  removeObject(bucket: string, key: string): Promise<void>;
  removeObjects(bucket: string, keys: readonly string[]): Promise<readonly Refused[]>;
  listObjectsV2(
    bucket: string,
    prefix: string,
    recursive: boolean,
  ): AsyncIterable<{ readonly name?: string }>;
}

interface Library {
  readonly Client: new (options: object) => Client;
}

/** MinIO's client for JavaScript with its defaults. It has no setting for a timeout. */
export const minio: Subject = {
  name: "minio",
  version: () => installedVersion("minio"),
  actions: ["get", "head", "put", "upload", "copy", "delete", "delete-many", "list"],
  async open(settings: SubjectSettings) {
    const library = await installedModule<Library>("minio");
    const { protocol, hostname, port } = new URL(settings.endpoint);
    const { accessKeyId, secretAccessKey, sessionToken } = settings;
    const client = new library.Client({
      endPoint: hostname,
      port: Number(port),
      useSSL: protocol === "https:",
      accessKey: accessKeyId,
      secretKey: secretAccessKey,
      sessionToken,
      region: settings.region,
      pathStyle: true,
    });
    return {
      act: (action, call) => act(client, settings.bucket, { action, call }),
      close: async () => {},
    };
  },
};

interface Asked {
  readonly action: Action;
  readonly call: ActionCall;
}

async function act(client: Client, bucket: string, { action, call }: Asked): Promise<unknown> {
  switch (action.do) {
    case "get":
      return client.getObject(bucket, action.key);
    case "head":
      return (await client.statObject(bucket, action.key)).size;
    case "put": {
      const body = Buffer.from(call.bytes());
      const metadata = action.ifAbsent === true ? { "If-None-Match": "*" } : {};
      await client.putObject(bucket, action.key, body, body.length, metadata);
      return;
    }
    case "upload":
      await client.putObject(
        bucket,
        action.key,
        Readable.from(call.source(), { objectMode: false }),
      );
      return;
    case "copy":
      await client.copyObject(bucket, action.key, encodeURI(`/${bucket}/${action.source}`));
      return;
    case "delete":
      return client.removeObject(bucket, action.key);
    case "delete-many":
      return removeMany(client, bucket, action.keys);
    case "list": {
      const keys: string[] = [];
      for await (const { name } of client.listObjectsV2(bucket, action.prefix ?? "", true))
        keys.push(String(name));
      return keys;
    }
    case "get-if-changed":
    case "get-until-aborted":
    case "exists":
    case "kind":
      throw noCall(action);
  }
}

/** It resolves with the failures alone, whatever its types say: what it says nothing of, it takes for gone. */
async function removeMany(client: Client, bucket: string, keys: readonly string[]) {
  const refused = await client.removeObjects(bucket, keys);
  const failed = new Map(refused.map(({ Key, Code }) => [Key, Code]));
  return {
    deleted: keys.filter((key) => !failed.has(key)),
    failed: Object.fromEntries(failed),
  };
}
