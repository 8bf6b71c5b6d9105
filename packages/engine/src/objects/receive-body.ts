import { createChecksum, s3Error, type ChecksumAlgorithm } from "@holdfast/protocol";
import type { Body, Computed } from "../api.ts";
import { blockBytes } from "../blobs/blob-format.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import type { BlobWriter } from "../blobs/blob-writer.ts";
import { abortable } from "./abortable.ts";

/** A body on its way in. */
export interface Incoming {
  readonly body: Body;
  readonly size: number | undefined;
  readonly checksumAlgorithm: ChecksumAlgorithm;
  /** Bodies up to this many bytes are kept in memory; 0 writes a blob for every body. */
  readonly inlineBytesMax: number;
  readonly admit?: ((computed: Computed) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A body that came in whole: its bytes in memory, or in a blob that is on stable storage. */
export interface Received extends Computed {
  readonly stored: { readonly bytes: Buffer } | { readonly blob: number };
}

/** Written and hashed at a time: whole blocks. */
const pieceBytes = 8 * blockBytes;

/** Takes a body in; leaves nothing behind when it rejects. What the body throws is what it rejects with. */
export async function receiveBody(blobs: BlobStore, incoming: Incoming): Promise<Received> {
  const intake = new Intake(blobs, incoming);
  try {
    for await (const chunk of abortable(incoming.body, incoming.signal)) await intake.take(chunk);
    return await intake.finish();
  } catch (error) {
    await intake.discard();
    throw error;
  }
}

class Intake {
  readonly #blobs: BlobStore;
  readonly #incoming: Incoming;
  readonly #md5 = createChecksum("MD5");
  readonly #checksum;
  #piece: Buffer;
  /** The piece that was written last, free again once `#writing` settled. */
  #spare: Buffer | undefined;
  #filled = 0;
  #size = 0;
  #writer: BlobWriter | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(blobs: BlobStore, incoming: Incoming) {
    this.#blobs = blobs;
    this.#incoming = incoming;
    this.#checksum = createChecksum(incoming.checksumAlgorithm);
    this.#piece = Buffer.allocUnsafeSlow(Math.min(incoming.size ?? pieceBytes, pieceBytes));
  }

  async take(chunk: Uint8Array): Promise<void> {
    this.#size += chunk.length;
    if (this.#size > (this.#incoming.size ?? Number.MAX_SAFE_INTEGER)) throw incompleteBody();
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#filled === this.#piece.length) await this.#nextPiece();
      const part = rest.subarray(0, this.#piece.length - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
    }
  }

  async finish(): Promise<Received> {
    const { size, admit, inlineBytesMax, signal, checksumAlgorithm: algorithm } = this.#incoming;
    if (size !== undefined && this.#size !== size) throw incompleteBody();
    const last = this.#piece.subarray(0, this.#filled);
    this.#hash(last);
    const computed: Computed = {
      size: this.#size,
      md5: this.#md5.digest().toString("hex"),
      checksum: {
        algorithm,
        value: this.#checksum.digest().toString("base64"),
        type: "FULL_OBJECT",
      },
    };
    admit?.(computed);
    if (this.#writer === undefined && this.#size <= inlineBytesMax) {
      return { ...computed, stored: { bytes: last } };
    }
    this.#writer ??= await this.#blobs.create();
    await this.#writing;
    await this.#writer.finish(last);
    signal?.throwIfAborted();
    return { ...computed, stored: { blob: this.#writer.blob } };
  }

  async discard(): Promise<void> {
    const writer = this.#writer;
    if (writer === undefined) return;
    await this.#writing.catch(() => undefined);
    // Already closed when the failure came after the last byte.
    await writer.abandon().catch(() => undefined);
    await this.#blobs.discard(writer.blob);
  }

  async #nextPiece(): Promise<void> {
    this.#hash(this.#piece);
    this.#writer ??= await this.#blobs.create();
    await this.#writing;
    this.#writing = this.#writer.append(this.#piece);
    // Its failure is met before the next write; until then no one else awaits it.
    this.#writing.catch(() => undefined);
    const written = this.#piece;
    this.#piece = this.#spare ?? Buffer.allocUnsafeSlow(pieceBytes);
    this.#spare = written;
    this.#filled = 0;
  }

  #hash(piece: Buffer): void {
    this.#md5.update(piece);
    this.#checksum.update(piece);
  }
}

function incompleteBody(): Error {
  return s3Error("IncompleteBody");
}
