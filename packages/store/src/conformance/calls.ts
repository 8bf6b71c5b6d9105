import type { Capability } from "../capability.ts";
import type { Store } from "../store.ts";
import { all } from "./expect-failure.ts";

/** One way to call one method of a store, about one path. */
export interface Call {
  /** As errors name it. */
  readonly operation: string;
  /** How it is written, with `path` for the path. */
  readonly said: string;
  /** What its path has to name. */
  readonly at: "file" | "folder";
  /** Without it, `CapabilityNotSupported`. */
  readonly needs?: Capability;
  readonly go: (store: Store, path: string, signal?: AbortSignal) => Promise<unknown>;
}

const bytes = Buffer.from("new");
const overwrite = true;

/** Every method that reads, lists or looks, in every way that makes a difference. */
export const readingCalls: readonly Call[] = [
  {
    operation: "read",
    said: "read(path)",
    at: "file",
    needs: "read",
    go: async (store, path, signal) => (await store.read(path, { signal })).bytes(),
  },
  {
    operation: "readBytes",
    said: "readBytes(path)",
    at: "file",
    needs: "read",
    go: (store, path, signal) => store.readBytes(path, { signal }),
  },
  {
    operation: "readText",
    said: "readText(path)",
    at: "file",
    needs: "read",
    go: (store, path, signal) => store.readText(path, { signal }),
  },
  {
    operation: "readJson",
    said: "readJson(path)",
    at: "file",
    needs: "read",
    go: (store, path, signal) => store.readJson(path, { signal }),
  },
  {
    operation: "readSeekable",
    said: "readSeekable(path)",
    at: "file",
    needs: "read",
    go: async (store, path, signal) => {
      await using file = await store.readSeekable(path, { signal });
      return file.read(0, 3);
    },
  },
  {
    operation: "getFileInfo",
    said: "getFileInfo(path)",
    at: "file",
    needs: "metadata",
    go: (store, path, signal) => store.getFileInfo(path, { signal }),
  },
  {
    operation: "getFolderInfo",
    said: "getFolderInfo(path)",
    at: "folder",
    needs: "list",
    go: (store, path, signal) => store.getFolderInfo(path, { signal }),
  },
  {
    operation: "exists",
    said: "exists(path)",
    at: "folder",
    go: (store, path, signal) => store.exists(path, { signal }),
  },
  {
    operation: "isFile",
    said: "isFile(path)",
    at: "folder",
    go: (store, path, signal) => store.isFile(path, { signal }),
  },
  {
    operation: "isFolder",
    said: "isFolder(path)",
    at: "folder",
    go: (store, path, signal) => store.isFolder(path, { signal }),
  },
  {
    operation: "listFiles",
    said: "listFiles(path)",
    at: "folder",
    needs: "list",
    go: (store, path, signal) => all(store.listFiles(path, { signal })),
  },
  {
    operation: "listFiles",
    said: "listFiles(path, { recursive: true })",
    at: "folder",
    needs: "list",
    go: (store, path, signal) => all(store.listFiles(path, { recursive: true, signal })),
  },
  {
    operation: "listFolders",
    said: "listFolders(path)",
    at: "folder",
    needs: "list",
    go: (store, path, signal) => all(store.listFolders(path, { signal })),
  },
  {
    operation: "iterChildren",
    said: "iterChildren(path)",
    at: "folder",
    needs: "list",
    go: (store, path, signal) => all(store.iterChildren(path, { signal })),
  },
];

/** Every method that writes or deletes. */
const writingCalls: readonly Call[] = [
  {
    operation: "write",
    said: "write(path)",
    at: "file",
    needs: "write",
    go: (store, path, signal) => store.write(path, bytes, { signal }),
  },
  {
    operation: "write",
    said: "write(path, { overwrite: true })",
    at: "file",
    needs: "write",
    go: (store, path, signal) => store.write(path, bytes, { overwrite, signal }),
  },
  {
    operation: "writeText",
    said: "writeText(path)",
    at: "file",
    needs: "write",
    go: (store, path, signal) => store.writeText(path, "new", { signal }),
  },
  {
    operation: "writeAtomic",
    said: "writeAtomic(path)",
    at: "file",
    needs: "atomic_write",
    go: (store, path, signal) => store.writeAtomic(path, bytes, { signal }),
  },
  {
    operation: "openAtomic",
    said: "openAtomic(path)",
    at: "file",
    needs: "atomic_write",
    go: (store, path, signal) => committed(store, path, { signal }),
  },
  {
    operation: "openAtomic",
    said: "openAtomic(path, { overwrite: true })",
    at: "file",
    needs: "atomic_write",
    go: (store, path, signal) => committed(store, path, { overwrite, signal }),
  },
  {
    operation: "delete",
    said: "delete(path)",
    at: "file",
    needs: "delete",
    go: (store, path, signal) => store.delete(path, { signal }),
  },
  {
    operation: "delete",
    said: "delete(path, { missingOk: true })",
    at: "file",
    needs: "delete",
    go: (store, path, signal) => store.delete(path, { missingOk: true, signal }),
  },
  {
    operation: "deleteFolder",
    said: "deleteFolder(path)",
    at: "folder",
    needs: "delete",
    go: (store, path, signal) => store.deleteFolder(path, { signal }),
  },
  {
    operation: "deleteFolder",
    said: "deleteFolder(path, { recursive: true })",
    at: "folder",
    needs: "delete",
    go: (store, path, signal) => store.deleteFolder(path, { recursive: true, signal }),
  },
  {
    operation: "deleteFolder",
    said: "deleteFolder(path, { recursive: true, missingOk: true })",
    at: "folder",
    needs: "delete",
    go: (store, path, signal) =>
      store.deleteFolder(path, { recursive: true, missingOk: true, signal }),
  },
];

/** Copies and moves, of which the path is one end. The other is `other`, a file that is there, or `new`, where nothing is. */
const movingCalls: readonly Call[] = (["copy", "move"] as const).flatMap((operation) => [
  {
    operation,
    said: `${operation}(path, "new")`,
    at: "file" as const,
    needs: operation,
    go: (store: Store, path: string, signal?: AbortSignal) =>
      store[operation](path, "new", { signal }),
  },
  {
    operation,
    said: `${operation}("other", path)`,
    at: "file" as const,
    needs: operation,
    go: (store: Store, path: string, signal?: AbortSignal) =>
      store[operation]("other", path, { signal }),
  },
  {
    operation,
    said: `${operation}("other", path, { overwrite: true })`,
    at: "file" as const,
    needs: operation,
    go: (store: Store, path: string, signal?: AbortSignal) =>
      store[operation]("other", path, { overwrite, signal }),
  },
  {
    operation,
    said: `${operation}(path, path)`,
    at: "file" as const,
    needs: operation,
    go: (store: Store, path: string, signal?: AbortSignal) =>
      store[operation](path, path, { signal }),
  },
]);

/** Every method that changes what the next one finds. */
export const changingCalls: readonly Call[] = [...writingCalls, ...movingCalls];

/** Every method that is about one path or two, and asks its backend. */
export const calls: readonly Call[] = [...readingCalls, ...changingCalls];

/** The others: signing, which asks nobody, and the deletion of many paths, each of which has an outcome of its own. */
export const otherCalls: readonly Call[] = [
  {
    operation: "deleteMany",
    said: "deleteMany([path])",
    at: "file",
    needs: "delete",
    go: async (store, path, signal) => {
      const [outcome] = await store.deleteMany([path], { signal });
      if (outcome?.deleted === false) throw outcome.error;
      return outcome;
    },
  },
  {
    operation: "presignGet",
    said: "presignGet(path)",
    at: "file",
    needs: "read",
    go: (store, path, signal) => store.presignGet(path, { signal }),
  },
  {
    operation: "presignPut",
    said: "presignPut(path)",
    at: "file",
    needs: "write",
    go: (store, path, signal) => store.presignPut(path, { signal }),
  },
];

async function committed(
  store: Store,
  path: string,
  options: { readonly overwrite?: boolean; readonly signal: AbortSignal | undefined },
): Promise<unknown> {
  await using writer = await store.openAtomic(path, options);
  await writer.write(bytes);
  return writer.commit();
}
