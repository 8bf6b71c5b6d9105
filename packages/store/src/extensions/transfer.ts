import { createHash } from "node:crypto";
import { tell } from "@holdfast/client";
import type { RemoteStoreError } from "../errors/remote-store-error.ts";
import { toStoreError } from "../errors/to-store-error.ts";
import type { WriteResult } from "../kernel/results.ts";
import type { WriteOptions } from "../kernel/writes.ts";
import { Reading, sourceFailed } from "./reading.ts";
import type { StoreLike } from "./store-like.ts";

/** A file of a store. */
export interface FileAt {
  readonly store: StoreLike;
  readonly path: string;
}

/** How far a transfer has come. */
export interface StoreTransferProgress {
  /** Of the file that the bytes are of, at its source. */
  readonly path: string;
  /** Of this file, so far. */
  readonly fileBytes: number;
  /** The size of this file. */
  readonly fileBytesTotal: number;
  /** Of all files, so far, with what was read of those that failed. */
  readonly bytes: number;
  /** Files that have arrived. */
  readonly files: number;
}

/** How to transfer a file. */
export interface TransferOptions extends Pick<WriteOptions, "ifMatch" | "overwrite" | "signal"> {
  /** Refused where the destination cannot keep readers from seeing a part: by default. */
  readonly atomic?: boolean | undefined;
  /**
   * `size`, by default: the destination stored as many bytes as the source has. `content`: it is read again, and its
   * SHA-256 is that of what was read.
   */
  readonly verify?: "content" | "size" | undefined;
  /** Told of each piece that was read, and of each file that has arrived. */
  readonly onProgress?: ((progress: StoreTransferProgress) => unknown) | undefined;
}

/**
 * Copies a file from one store to another, all of it or nothing, with one piece in memory at a time; and its content type
 * and metadata, as far as both keep them. What fails at the
 * source is `SourceFailed`, with the source's own error as its cause; anything else is the destination's.
 */
export async function transfer(
  from: FileAt,
  to: FileAt,
  options: TransferOptions = {},
): Promise<WriteResult> {
  return new Transfers(options).carry(from, to);
}

/** Transfers under the same options, whose progress is one. */
export class Transfers {
  readonly #options: TransferOptions;
  #bytes = 0;
  #files = 0;

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  /** Copies one file; what is given last goes before the options of all. */
  async carry(from: FileAt, to: FileAt, own: TransferOptions = {}): Promise<WriteResult> {
    const options = { ...this.#options, ...own };
    const source = await this.#open(from, options);
    try {
      const written = await write(source, to, options);
      await verify({ source, to, written }, options);
      this.#files += 1;
      this.#tell(source);
      return written;
    } catch (error) {
      throw source.blamed(error, options.signal);
    } finally {
      await source.end();
    }
  }

  async #open({ store, path }: FileAt, { signal, verify: how }: TransferOptions): Promise<Reading> {
    try {
      const stream = await store.read(path, { signal });
      return new Reading(stream, {
        backend: store.resolve("").backend,
        hash: how === "content" ? createHash("sha256") : undefined,
        onPiece: (source, piece) => {
          this.#bytes += piece.byteLength;
          this.#tell(source);
        },
      });
    } catch (error) {
      throw signal?.aborted === true ? error : sourceFailed(error);
    }
  }

  #tell({ info, bytes }: Reading): void {
    tell(this.#options.onProgress, {
      path: info.path,
      fileBytes: bytes,
      fileBytesTotal: info.size,
      bytes: this.#bytes,
      files: this.#files,
    });
  }
}

function write(source: Reading, to: FileAt, options: TransferOptions): Promise<WriteResult> {
  const { overwrite, ifMatch, signal, atomic = true } = options;
  const method = atomic ? "writeAtomic" : "write";
  const { contentType, metadata } = to.store.supports("user_metadata") ? source.info : {};
  const attributes = { contentType, metadata };
  return to.store[method](to.path, source, { ...attributes, overwrite, ifMatch, signal });
}

interface Arrived {
  readonly source: Reading;
  readonly to: FileAt;
  readonly written: WriteResult;
}

/** Fails unless the destination has what the source gave. */
async function verify(
  { source, to: { store, path }, written }: Arrived,
  { signal }: TransferOptions,
): Promise<void> {
  const { size } = source.info;
  if (written.size !== size) {
    throw integrity(store, path, `${size} bytes were sent and ${written.size} stored.`);
  }
  const sent = source.digest;
  if (sent === undefined) return;
  const hash = createHash("sha256");
  const back = await store.read(path, { ifMatch: written.etag, signal });
  for await (const piece of back) hash.update(piece);
  if (hash.digest("hex") === sent) return;
  throw integrity(store, path, "What is read from the destination is not what was sent to it.");
}

function integrity(store: StoreLike, path: string, message: string): RemoteStoreError {
  const { backend } = store.resolve("");
  return toStoreError({ kind: "integrity", message }, { operation: "transfer", backend, path });
}
