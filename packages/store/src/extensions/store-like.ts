import type { AtomicWriter } from "../kernel/atomic-writer.ts";
import type { WriteOptions } from "../kernel/writes.ts";
import type { Store } from "../store.ts";

/** What `openAtomic` gives. */
export interface FileWriter extends Pick<AtomicWriter, keyof AtomicWriter> {}

/**
 * All that can be asked of a store, whether it is one or something around one. It follows `Store`, so that whatever
 * implements it does not compile until it has every method.
 */
export interface StoreLike extends Omit<Store, "child" | "openAtomic"> {
  openAtomic(path: string, options?: WriteOptions): Promise<FileWriter>;
  child(path: string): StoreLike;
}
