import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalDriver } from "../../drivers/local/local-driver.ts";
import { MemoryDriver } from "../../drivers/memory-driver.ts";
import { Store } from "../../store.ts";

/** Stores for tests, by what they are: each time an empty one. */
export class StoreKinds {
  readonly #folders: string[] = [];

  readonly kinds = {
    tree: (): Store => Store.over(new MemoryDriver()),
    flat: (): Store => Store.over(new MemoryDriver({ namespace: "flat" })),
    local: (): Store => {
      const root = mkdtempSync(join(tmpdir(), "holdfast-extensions-"));
      this.#folders.push(root);
      return Store.over(new LocalDriver({ root }));
    },
  };

  /** Deletes what they left on disk. */
  end(): void {
    for (const folder of this.#folders) rmSync(folder, { recursive: true });
  }
}

/** All files of a store with their texts, by path. */
export async function textsOf(
  store: Pick<Store, "listFiles" | "readText">,
): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for await (const { path } of store.listFiles("", { recursive: true })) {
    texts[path] = await store.readText(path);
  }
  return texts;
}

/** All that something gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
