import { S3Client, S3Error } from "@holdfast/client";
import { S3Driver, Store, type RemoteStoreError } from "@holdfast/store";
import type { Action } from "../probe/action.ts";
import { Unsupported, type ActionCall, type Subject } from "../probe/subject.ts";
import { holdfastOptions } from "./holdfast-options.ts";
import { ownVersion } from "./own-version.ts";

/** Holdfast's store on its S3 driver. */
export const holdfastStore: Subject = {
  name: "@holdfast/store",
  version: () => ownVersion("@holdfast/store"),
  actions: [
    "get",
    "get-until-aborted",
    "head",
    "exists",
    "put",
    "upload",
    "copy",
    "delete",
    "delete-many",
    "list",
    "kind",
  ],
  open: async (settings) => {
    const { bucket } = settings;
    const client = new S3Client(holdfastOptions(settings));
    const store = Store.over(new S3Driver({ client, bucket }));
    return {
      act: (action, call) => actOnStore(store, action, call),
      close: async () => {
        await store.close();
        client.close();
      },
    };
  },
};

/** Does with a store what a scenario asks for. */
export async function actOnStore(store: Store, action: Action, call: ActionCall): Promise<unknown> {
  const { signal } = call;
  switch (action.do) {
    case "get":
    case "get-until-aborted":
      return store.read(action.key, { signal });
    case "head":
      return (await store.getFileInfo(action.key)).size;
    case "exists":
      return store.exists(action.key);
    case "put":
      await store.write(action.key, call.bytes(), { overwrite: action.ifAbsent !== true, signal });
      return null;
    case "upload":
      await store.write(action.key, call.source(), { overwrite: true, signal });
      return null;
    case "copy":
      await store.copy(action.source, action.key, { overwrite: true });
      return null;
    case "delete":
      await store.delete(action.key, { missingOk: true });
      return null;
    case "delete-many":
      return deleteMany(store, action.keys);
    case "list":
      return namesOf(store, action.prefix ?? "");
    case "kind":
      return kindOf(store, action.key);
    case "get-if-changed":
      throw new Unsupported("a store has no such condition");
  }
}

async function deleteMany(store: Store, keys: readonly string[]): Promise<unknown> {
  const outcomes = await store.deleteMany(keys);
  return {
    deleted: outcomes.flatMap((one) => (one.deleted ? one.path : [])),
    failed: Object.fromEntries(
      outcomes.flatMap((one) => (one.deleted ? [] : [[one.path, codeOf(one.error)]])),
    ),
  };
}

/** The service's code, which a store keeps in the cause. */
function codeOf({ name, cause }: RemoteStoreError): string {
  return S3Error.is(cause) ? cause.errorCode : name;
}

async function namesOf(store: Store, prefix: string): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const { path } of store.listFiles(prefix, { recursive: true })) names.push(path);
  return names;
}

async function kindOf(store: Store, path: string): Promise<"file" | "folder" | "none"> {
  if (await store.isFile(path)) return "file";
  return (await store.isFolder(path)) ? "folder" : "none";
}
