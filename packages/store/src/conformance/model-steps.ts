import type { Capability } from "../capability.ts";
import type { Store } from "../store.ts";

/** Something to do to a store; what it comes to is compared. */
export type Step = (store: Store) => Promise<unknown>;

/** What a step is done with. */
export interface StepInput {
  readonly path: string;
  readonly other: string;
  readonly flag: boolean;
  readonly supports: (capability: Capability) => boolean;
}

/** The etag of no file. */
const staleEtag = "0123456789abcdef0123456789abcdef";

/** Steps on conditions, of many files, with attributes and here and there, as far as the backend has them. */
export function furtherSteps({
  path,
  other,
  flag,
  supports,
}: StepInput): Readonly<Record<string, Step>> {
  const options = async (store: Store): Promise<{ overwrite: boolean; ifMatch: string }> => ({
    overwrite: flag,
    ifMatch: flag ? ((await etagOf(store, path)) ?? staleEtag) : staleEtag,
  });
  const metadata = { by: path.length.toString(), flag: String(flag) };
  return {
    deleteMany: async (store) => {
      const outcomes = await store.deleteMany([path, other, path]);
      return outcomes.map((one) => [one.path, one.deleted || one.error.name]);
    },
    seekable: async (store) => {
      await using file = await store.readSeekable(path);
      const parts = [await file.read(2, 3), await file.read(0, 2), await file.read(5, 1000)];
      return parts.map((part) => Buffer.from(part).toString());
    },
    ...(supports("conditional_write") && {
      swap: async (store) => (await store.writeText(path, other, await options(store))).size,
    }),
    ...(supports("conditional_delete") && {
      deleteIf: async (store) => store.delete(path, await options(store)),
    }),
    ...(supports("conditional_copy") && {
      copyIf: async (store) => (await store.copy(path, other, await options(store))).path,
      moveIf: async (store) => store.move(path, other, await options(store)),
    }),
    ...(supports("user_metadata") && {
      attributes: async (store) => {
        await store.writeText(path, other, { overwrite: true, contentType: "text/x-a", metadata });
        return attributesOf(store, path);
      },
      carried: async (store) => {
        await store.writeText(path, other, { overwrite: true, contentType: "text/x-b", metadata });
        await store.copy(path, other, { overwrite: flag });
        return attributesOf(store, other);
      },
    }),
  };
}

async function etagOf(store: Store, path: string): Promise<string | undefined> {
  return (await store.isFile(path)) ? (await store.getFileInfo(path)).etag : undefined;
}

async function attributesOf(store: Store, path: string): Promise<unknown> {
  const { contentType, metadata } = await store.getFileInfo(path);
  return [contentType, metadata];
}
