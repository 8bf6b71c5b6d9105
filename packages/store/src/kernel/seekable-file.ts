import { setMaxListeners } from "node:events";
import type { FileStat } from "../driver.ts";
import { about } from "../errors/about.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import { BlockCache } from "./block-cache.ts";
import { FileStream } from "./file-stream.ts";
import type { CallSpec, Kernel, Place } from "./kernel.ts";
import { checkCount, type CallOptions } from "./reads.ts";
import { fileInfo, type FileInfo } from "./results.ts";

const bufferBytesDefault = 2 ** 20;

/** How to read here and there in a file. */
export interface SeekableOptions extends CallOptions {
  /** Only if the file still has this etag, else `PreconditionFailed`. */
  readonly ifMatch?: string | undefined;
  /** How many bytes are kept of what was read, and read ahead of it; 1 MiB by default, none for 0. */
  readonly bufferBytes?: number | undefined;
}

/**
 * A file to be read here and there. All that it gives is of the one file that was opened: once that was replaced, reads
 * are `ModifiedDuringRead`, except for bytes that are at hand. Where a backend has no etags, size and time are compared.
 */
export class SeekableFile implements AsyncDisposable {
  /** What is known of the file since it was opened. */
  readonly info: FileInfo;
  readonly #kernel: Kernel;
  readonly #spec: CallSpec;
  readonly #stat: FileStat;
  readonly #place: Place;
  readonly #blocks: BlockCache;
  readonly #ending = new AbortController();

  /** Not for callers: `Store.readSeekable` makes them. */
  constructor(
    kernel: Kernel,
    file: {
      readonly place: Place;
      readonly stat: FileStat;
      readonly signal: AbortSignal | undefined;
      readonly bufferBytes: number;
    },
  ) {
    const { place, stat, signal, bufferBytes } = file;
    this.info = fileInfo(place.path, stat);
    this.#kernel = kernel;
    this.#place = place;
    this.#stat = stat;
    const ending = this.#ending.signal;
    const signals = signal === undefined ? ending : AbortSignal.any([signal, ending]);
    // Reads may be as many at once as the caller likes.
    setMaxListeners(0, signals);
    this.#spec = { operation: "readSeekable", capability: "read", at: "file", signal: signals };
    this.#blocks = new BlockCache({
      size: stat.size,
      bufferBytes,
      fetch: (offset, length) => this.#fetch(offset, length),
    });
  }

  /**
   * The bytes from `offset`: `length` of them, or as many as there are. Past the end there are none. Reads may go on at
   * the same time.
   */
  read(offset: number, length: number): Promise<Uint8Array> {
    return this.#kernel.run(this.#spec, this.info.path, async () => {
      checkCount("offset", offset, 0);
      checkCount("length", length, 0);
      return this.#blocks.read(offset, length);
    });
  }

  /** Ends what is under way and lets go of what was kept. A second time does nothing. */
  close(): Promise<void> {
    this.#ending.abort(new DriverFailure({ kind: "closed", message: "The file was closed." }));
    this.#blocks.clear();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #fetch(offset: number, length: number): Promise<Uint8Array> {
    const kernel = this.#kernel;
    const { signal } = this.#spec;
    const { etag: ifMatch } = this.#stat;
    const options = { offset, length, ifMatch, signal };
    const opened = await kernel.driver.get(this.#place.key, options).catch((error: unknown) => {
      const failure = kernel.failureOf(error, signal);
      const isReplaced = failure.kind === "precondition-failed";
      throw isReplaced ? about(failure, undefined, "modified") : error;
    });
    const stream = new FileStream(opened.body, {
      info: this.info,
      signal,
      toError: (error) => kernel.errorOf(error, this.#spec, this.#place.path),
    });
    await using ending = stream;
    if (!isSame(opened.stat, this.#stat)) throw new DriverFailure({ kind: "modified" });
    const bytes = await ending.bytes();
    if (bytes.byteLength === length) return bytes;
    const message = "The backend gave another number of bytes than it was asked for.";
    throw new DriverFailure({ kind: "unavailable", message });
  }
}

/** Opens a file for reads here and there. */
export function openSeekable(
  kernel: Kernel,
  path: string,
  { ifMatch, bufferBytes = bufferBytesDefault, signal }: SeekableOptions,
): Promise<SeekableFile> {
  const operation = "readSeekable";
  const spec: CallSpec = { operation, capability: "read", at: "file", signal };
  return kernel.run(spec, path, async (place) => {
    checkCount("bufferBytes", bufferBytes, 0);
    const stat = await kernel.driver.stat(place.key, { signal });
    if (stat.kind === "folder") throw new DriverFailure({ kind: "wrong-type" });
    if (ifMatch !== undefined && ifMatch !== stat.etag) {
      throw new DriverFailure({ kind: "precondition-failed" });
    }
    return new SeekableFile(kernel, { place, stat, signal, bufferBytes });
  });
}

function isSame(now: FileStat, then: FileStat): boolean {
  if (now.etag !== undefined && then.etag !== undefined) return now.etag === then.etag;
  if (now.size !== then.size) return false;
  if (now.modifiedAt === undefined || then.modifiedAt === undefined) return true;
  return now.modifiedAt.getTime() === then.modifiedAt.getTime();
}
