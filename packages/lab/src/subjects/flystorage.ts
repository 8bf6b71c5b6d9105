import { Readable } from "node:stream";
import type { Action } from "../probe/action.ts";
import type { ActionCall, Subject, SubjectSettings } from "../probe/subject.ts";
import { awsSdkOptions } from "./aws-sdk-options.ts";
import { wholeMs } from "./whole-ms.ts";
import { noCall } from "./refuse.ts";
import { installedModule, installedVersion } from "./installed.ts";

interface Storage {
  read(path: string, options?: { readonly abortSignal: AbortSignal }): Promise<Readable>;
  statFile(path: string): Promise<{ readonly size?: number }>;
  fileExists(path: string): Promise<boolean>;
  directoryExists(path: string): Promise<boolean>;
  write(path: string, contents: Uint8Array | Readable, options?: object): Promise<void>;
  copyFile(source: string, path: string): Promise<void>;
  deleteFile(path: string): Promise<void>;
  list(
    path: string,
    options: { readonly deep: true },
  ): AsyncIterable<{ readonly isFile: boolean; readonly path: string }>;
}

interface Library {
  readonly FileStorage: new (adapter: object, normalizer?: undefined, options?: object) => Storage;
}

interface Adapter {
  readonly AwsS3StorageAdapter: new (client: object, options: object) => object;
}

interface AwsSdk {
  readonly S3Client: new (options: object) => { destroy(): void };
}

const name = "@flystorage/file-storage";

/**
 * Flystorage over `@flystorage/aws-s3`, on an AWS SDK that is set up as `@aws-sdk/client-s3` is here, and with its own
 * `timeout` of a whole call.
 */
export const flystorage: Subject = {
  name,
  version: () => installedVersion(name, "@flystorage/aws-s3", "@aws-sdk/client-s3"),
  actions: [
    "get",
    "get-until-aborted",
    "head",
    "exists",
    "kind",
    "put",
    "upload",
    "copy",
    "delete",
    "list",
  ],
  async open(settings: SubjectSettings) {
    const { FileStorage } = await installedModule<Library>(name);
    const { AwsS3StorageAdapter } = await installedModule<Adapter>("@flystorage/aws-s3");
    const { S3Client } = await installedModule<AwsSdk>("@aws-sdk/client-s3");
    const { bucket } = settings;
    const client = new S3Client(awsSdkOptions(settings));
    const storage = new FileStorage(new AwsS3StorageAdapter(client, { bucket }), undefined, {
      timeout: { timeout: wholeMs(settings, "call") },
    });
    return {
      act: (action, call) => act(storage, action, call),
      close: async () => client.destroy(),
    };
  },
};

async function act(storage: Storage, action: Action, call: ActionCall): Promise<unknown> {
  switch (action.do) {
    case "get":
    case "get-until-aborted":
      return storage.read(action.key, { abortSignal: call.signal });
    case "head":
      return (await storage.statFile(action.key)).size;
    case "exists":
      return storage.fileExists(action.key);
    case "kind":
      return kindOf(storage, action.key);
    case "put": {
      const options = action.ifAbsent === true ? { IfNoneMatch: "*" } : {};
      return storage.write(action.key, call.bytes(), options);
    }
    case "upload":
      return storage.write(action.key, Readable.from(call.source(), { objectMode: false }));
    case "copy":
      return storage.copyFile(action.source, action.key);
    case "delete":
      return storage.deleteFile(action.key);
    case "list":
      return list(storage, action.prefix);
    case "get-if-changed":
    case "delete-many":
      throw noCall(action);
  }
}

async function kindOf(storage: Storage, path: string): Promise<string> {
  if (await storage.fileExists(path)) return "file";
  return (await storage.directoryExists(path)) ? "folder" : "none";
}

/** It lists folders, so that a prefix is one. */
async function list(storage: Storage, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const { isFile, path } of storage.list(prefix, { deep: true }))
    if (isFile) keys.push(path);
  return keys;
}
