import type { Action } from "../probe/action.ts";
import {
  Unsupported,
  type ActionCall,
  type Subject,
  type SubjectSettings,
} from "../probe/subject.ts";
import { wholeMs } from "./whole-ms.ts";
import { noCall } from "./refuse.ts";
import { installedModule, installedVersion } from "./installed.ts";

interface Client {
  getObjectResponse(
    key: string,
    options?: Readonly<Record<string, string>>,
  ): Promise<Response | null>;
  getContentLength(key: string): Promise<number>;
  objectExists(key: string): Promise<boolean | null>;
  putObject(
    key: string,
    body: Uint8Array,
    type?: string,
    encryption?: undefined,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>;
  putAnyObject(key: string, body: ReadableStream): Promise<unknown>;
  copyObject(source: string, key: string): Promise<unknown>;
  deleteObject(key: string): Promise<boolean>;
  deleteObjects(keys: readonly string[]): Promise<readonly boolean[]>;
  listObjects(
    delimiter?: string,
    prefix?: string,
  ): Promise<readonly { readonly Key: string }[] | null>;
}

interface Library {
  readonly S3mini: new (options: object) => Client;
}

/** s3mini with its defaults, but for `requestAbortTimeout`, its timeout of a whole request, a body of any size included. */
export const s3mini: Subject = {
  name: "s3mini",
  version: () => installedVersion("s3mini"),
  actions: [
    "get",
    "get-if-changed",
    "head",
    "exists",
    "put",
    "upload",
    "copy",
    "delete",
    "delete-many",
    "list",
  ],
  async open(settings: SubjectSettings) {
    const { S3mini } = await installedModule<Library>("s3mini");
    const { accessKeyId, secretAccessKey, sessionToken } = settings;
    if (sessionToken !== undefined) throw new Unsupported("s3mini takes no session token");
    const client = new S3mini({
      endpoint: `${settings.endpoint}/${settings.bucket}`,
      region: settings.region,
      accessKeyId,
      secretAccessKey,
      requestAbortTimeout: wholeMs(settings, "request"),
    });
    return { act: (action, call) => act(client, action, call), close: async () => {} };
  },
};

async function act(client: Client, action: Action, call: ActionCall): Promise<unknown> {
  switch (action.do) {
    case "get":
    case "get-if-changed": {
      const options = action.do === "get" ? {} : { "if-none-match": `"${action.etag}"` };
      const response = await client.getObjectResponse(action.key, options);
      return response === null ? null : (response.body ?? new Uint8Array());
    }
    case "head":
      return client.getContentLength(action.key);
    case "exists":
      return client.objectExists(action.key);
    case "put": {
      const headers = action.ifAbsent === true ? { "if-none-match": "*" } : undefined;
      await client.putObject(action.key, call.bytes(), undefined, undefined, headers);
      return;
    }
    case "upload":
      await client.putAnyObject(action.key, ReadableStream.from(call.source()));
      return;
    case "copy":
      await client.copyObject(action.source, action.key);
      return;
    case "delete":
      return client.deleteObject(action.key);
    case "delete-many":
      return deleteMany(client, action.keys);
    case "list":
      return (await client.listObjects("/", action.prefix))?.map(({ Key }) => Key) ?? null;
    case "get-until-aborted":
    case "kind":
      throw noCall(action);
  }
}

/** It tells of each key whether it is gone, and no more. */
async function deleteMany(client: Client, keys: readonly string[]) {
  const gone = await client.deleteObjects(keys);
  const kept = keys.filter((_, index) => gone[index] !== true);
  return {
    deleted: keys.filter((_, index) => gone[index] === true),
    failed: Object.fromEntries(kept.map((key) => [key, ""])),
  };
}
