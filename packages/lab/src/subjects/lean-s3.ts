import type { Action } from "../probe/action.ts";
import {
  Unsupported,
  type ActionCall,
  type Subject,
  type SubjectSettings,
} from "../probe/subject.ts";
import { noCall, refuse } from "./refuse.ts";
import { installedModule, installedVersion } from "./installed.ts";

interface File {
  stream(): ReadableStream<Uint8Array>;
  stat(): Promise<{ readonly size: number }>;
  exists(): Promise<boolean>;
  write(data: Uint8Array): Promise<void>;
  delete(): Promise<void>;
}

interface Client {
  file(key: string): File;
  listIterating(options: object): AsyncIterable<{ readonly key: string }>;
  deleteObjects(keys: readonly string[]): Promise<{
    readonly errors: readonly { readonly key: string; readonly code: string }[];
  }>;
}

interface Library {
  readonly S3Client: new (options: object) => Client;
}

/**
 * lean-s3 with its defaults. It has no setting for a timeout and takes no session token for requests; it has no copy,
 * no conditional write, and no upload of a stream.
 */
export const leanS3: Subject = {
  name: "lean-s3",
  version: () => installedVersion("lean-s3"),
  actions: ["get", "head", "exists", "put", "delete", "delete-many", "list"],
  async open(settings: SubjectSettings) {
    const { endpoint, region, bucket, accessKeyId, secretAccessKey, sessionToken } = settings;
    if (sessionToken !== undefined) {
      throw new Unsupported("lean-s3 sends a session token with presigned requests alone");
    }
    const { S3Client } = await installedModule<Library>("lean-s3");
    const client = new S3Client({ endpoint, region, bucket, accessKeyId, secretAccessKey });
    return { act: (action, call) => act(client, action, call), close: async () => {} };
  },
};

async function act(client: Client, action: Action, call: ActionCall): Promise<unknown> {
  refuse(action, { ifAbsent: "lean-s3 has no conditional write" });
  switch (action.do) {
    case "get":
      return client.file(action.key).stream();
    case "head":
      return (await client.file(action.key).stat()).size;
    case "exists":
      return client.file(action.key).exists();
    case "put":
      return client.file(action.key).write(call.bytes());
    case "delete":
      return client.file(action.key).delete();
    case "delete-many": {
      const { errors } = await client.deleteObjects(action.keys);
      const codes = new Map(errors.map(({ key, code }) => [key, code]));
      return {
        deleted: action.keys.filter((key) => !codes.has(key)),
        failed: Object.fromEntries(codes),
      };
    }
    case "list": {
      const keys: string[] = [];
      for await (const { key } of client.listIterating({ prefix: action.prefix })) keys.push(key);
      return keys;
    }
    case "get-if-changed":
    case "get-until-aborted":
    case "upload":
    case "copy":
    case "kind":
      throw noCall(action);
  }
}
