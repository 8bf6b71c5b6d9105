import { Readable } from "node:stream";
import type { Action } from "../probe/action.ts";
import {
  Unsupported,
  type ActionCall,
  type Subject,
  type SubjectSettings,
} from "../probe/subject.ts";
import { awsSdkOptions } from "./aws-sdk-options.ts";
import { noCall } from "./refuse.ts";
import { installedModule, installedVersion } from "./installed.ts";

interface Disk {
  getStream(key: string): Promise<Readable>;
  getMetaData(key: string): Promise<{ readonly contentLength: number }>;
  exists(key: string): Promise<boolean>;
  put(key: string, contents: Uint8Array, options?: object): Promise<void>;
  putStream(key: string, contents: Readable, options: object): Promise<void>;
  copy(source: string, key: string): Promise<void>;
  delete(key: string): Promise<void>;
  listAll(
    prefix: string,
    options: { readonly recursive: true; readonly paginationToken?: string | undefined },
  ): Promise<{
    readonly paginationToken?: string | undefined;
    readonly objects: Iterable<{ readonly isFile: boolean; readonly key: string }>;
  }>;
}

interface Library {
  readonly Disk: new (driver: object) => Disk;
}

interface Drivers {
  readonly S3Driver: new (options: object) => object;
}

/**
 * flydrive's disk over its S3 driver, on an AWS SDK that is set up as `@aws-sdk/client-s3` is here. `supportsACL` is
 * false, as for any bucket whose access lists are off, and a stream goes with its `contentLength`, without which the
 * SDK sends none.
 */
export const flydrive: Subject = {
  name: "flydrive",
  version: () => installedVersion("flydrive", "flydrive/drivers/s3"),
  uploadsInParts: false,
  actions: ["get", "head", "exists", "put", "upload", "copy", "delete", "list"],
  async open(settings: SubjectSettings) {
    const { Disk } = await installedModule<Library>("flydrive");
    const { S3Driver } = await installedModule<Drivers>("flydrive/drivers/s3");
    const { bucket } = settings;
    const disk = new Disk(
      new S3Driver({
        ...awsSdkOptions(settings),
        bucket,
        visibility: "private",
        supportsACL: false,
      }),
    );
    return { act: (action, call) => act(disk, action, call), close: async () => {} };
  },
};

async function act(disk: Disk, action: Action, call: ActionCall): Promise<unknown> {
  switch (action.do) {
    case "get":
      return disk.getStream(action.key);
    case "head":
      return (await disk.getMetaData(action.key)).contentLength;
    case "exists":
      return disk.exists(action.key);
    case "put": {
      const options = action.ifAbsent === true ? { IfNoneMatch: "*" } : {};
      return disk.put(action.key, call.bytes(), options);
    }
    case "upload":
      return disk.putStream(action.key, Readable.from(call.source(), { objectMode: false }), {
        contentLength: action.bytes,
      });
    case "copy":
      return disk.copy(action.source, action.key);
    case "delete":
      return disk.delete(action.key);
    case "list":
      return list(disk, action.prefix);
    case "get-if-changed":
    case "get-until-aborted":
    case "delete-many":
    case "kind":
      throw noCall(action);
  }
}

/** It lists folders, so that a prefix is one. */
async function list(disk: Disk, prefix = "/"): Promise<string[]> {
  try {
    return await listAll(disk, prefix);
  } catch (error) {
    const { code }: { readonly code?: unknown } = Object(error);
    if (code !== "E_UNALLOWED_CHARACTERS") throw error;
    throw new Unsupported("flydrive takes no keys with such characters");
  }
}

async function listAll(disk: Disk, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let paginationToken: string | undefined;
  do {
    const page = await disk.listAll(prefix, { recursive: true, paginationToken });
    for (const one of page.objects) if (one.isFile) keys.push(one.key);
    ({ paginationToken } = page);
  } while (paginationToken !== undefined);
  return keys;
}
