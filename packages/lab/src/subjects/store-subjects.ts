import { resolve } from "node:path";

/** The same file whether this one is the source or what was built of it: Node runs what was built. */
const module = new URL("../../dist/subjects/configured-store.js", import.meta.url);

/** A config of stores that is none: its message says what is wrong with it, and where. */
export class StoreFileError extends Error {
  override readonly name = "StoreFileError";
  readonly code = "InvalidStoreFile";
}

/** The stores of a config, for `probe` to ask. Rejects with a `StoreFileError`. */
export async function storeSubjects(file: string): Promise<readonly string[]> {
  // Only who probes stores waits for the store to load.
  const { ConfigError, Registry } = await import("@holdfast/store");
  try {
    const registry = await Registry.fromFile(file, { env: true });
    const { stores } = registry.toJSON();
    await registry.close();
    return stores.map((store) => subjectUrl(resolve(file), store));
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    throw new StoreFileError(cause.message, { cause });
  }
}

function subjectUrl(file: string, store: string): string {
  const url = new URL(module);
  url.searchParams.set("file", file);
  url.searchParams.set("store", store);
  return url.href;
}
