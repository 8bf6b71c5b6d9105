import type { AtomicWriter } from "../kernel/atomic-writer.ts";
import type { SeekableFile, SeekableOptions } from "../kernel/seekable-file.ts";
import type { WriteOptions } from "../kernel/writes.ts";
import type { Store } from "../store.ts";

/** What `openAtomic` gives. */
export interface FileWriter extends Pick<AtomicWriter, keyof AtomicWriter> {}

/** What `readSeekable` gives. */
export interface FileReader extends Pick<SeekableFile, keyof SeekableFile> {}

/**
 * All that can be asked of a store, whether it is one or something around one. It follows `Store`, so that whatever
 * implements it does not compile until it has every method.
 */
export interface StoreLike extends Omit<Store, "child" | "openAtomic" | "readSeekable"> {
  readSeekable(path: string, options?: SeekableOptions): Promise<FileReader>;
  openAtomic(path: string, options?: WriteOptions): Promise<FileWriter>;
  child(path: string): StoreLike;
}
