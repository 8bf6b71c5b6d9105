import { s3Error, type ChecksumAlgorithm } from "@holdfast/protocol";
import type { Body, Computed } from "../api.ts";
import { blockBytes } from "../blobs/blob-format.ts";
import type { BlobStore } from "../blobs/blob-store.ts";
import type { BlobWriter } from "../blobs/blob-writer.ts";
import { givePieceBuffer, pieceBytes, takePieceBuffer } from "../blobs/piece-buffers.ts";
import type { Claim } from "../disk/room.ts";
import type { EngineParts } from "../engine-parts.ts";
import { hashHere, hashWhole, type BodyDigests, type BodyHash } from "../hashing/body-hash.ts";
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

/** What taking a body in needs of the engine. */
type Intaking = Pick<EngineParts, "blobs" | "hashThreads">;

/** Bodies from this size on take memory that is used again. */
const pooledBytesMin = 4 * blockBytes;

/** Bodies from this size on are hashed beside the thread that takes them in. */
const threadedBytesMin = 4 * pieceBytes;

/** How many pieces may be being hashed and written while the next is filled. */
const busyMax = 2;

/** A small body stands in the log, in the index's own log and in a table, until the first two go. */
const copiesOfInline = 3;

/**
 * Takes a body in; leaves nothing behind when it rejects. What the body throws is what it rejects
 * with. A disk without room for it is found out before its first byte is asked for.
 */
export async function receiveBody(
  { blobs, hashThreads, room }: Intaking & Pick<EngineParts, "room">,
  incoming: Incoming,
): Promise<Received> {
  const claim = await room.claim(incoming.size ?? 0);
  try {
    return await receive(new Intake({ blobs, hashThreads, claim }, incoming), incoming);
  } finally {
    claim.release();
  }
}

async function receive(intake: Intake, { body, signal }: Incoming): Promise<Received> {
  try {
    for await (const chunk of abortable(body, signal)) await intake.take(chunk);
    return await intake.finish();
  } catch (error) {
    await intake.discard();
    throw error;
  } finally {
    intake.release();
  }
}

class Intake {
  readonly #blobs: BlobStore;
  readonly #hashThreads: Intaking["hashThreads"];
  readonly #claim: Claim;
  readonly #incoming: Incoming;
  readonly #isPooled: boolean;
  readonly #capacity: number;
  #buffer: Buffer;
  #filled = 0;
  #size = 0;
  #hash: BodyHash | undefined;
  #writer: BlobWriter | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** The pieces that are being hashed and written, the first of them the oldest. */
  readonly #busy: Promise<void>[] = [];

  constructor({ blobs, hashThreads, claim }: Intaking & { claim: Claim }, incoming: Incoming) {
    const { size = pieceBytes } = incoming;
    this.#blobs = blobs;
    this.#hashThreads = hashThreads;
    this.#claim = claim;
    this.#incoming = incoming;
    this.#capacity = Math.min(size, pieceBytes);
    this.#isPooled = size >= pooledBytesMin;
    this.#buffer = this.#isPooled ? takePieceBuffer() : Buffer.allocUnsafe(this.#capacity);
  }

  async take(chunk: Uint8Array): Promise<void> {
    this.#size += chunk.length;
    if (this.#size > (this.#incoming.size ?? Number.MAX_SAFE_INTEGER)) throw incompleteBody();
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#filled === this.#capacity) await this.#nextPiece();
      const part = rest.subarray(0, this.#capacity - this.#filled);
      this.#buffer.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
    }
  }

  async finish(): Promise<Received> {
    const { size, checksumAlgorithm, inlineBytesMax } = this.#incoming;
    if (size !== undefined && this.#size !== size) throw incompleteBody();
    const last = this.#buffer.subarray(0, this.#filled);
    if (this.#writer === undefined && this.#size <= inlineBytesMax) {
      const { md5, checksum } = this.#admit(hashWhole(checksumAlgorithm, last));
      this.#claim.wrote(last.length * copiesOfInline);
      const bytes = this.#isPooled ? Buffer.from(last) : last;
      return { size: this.#size, md5, checksum, stored: { bytes } };
    }
    await this.#hashing.update(last);
    const { md5, checksum } = this.#admit(await this.#hashing.digest());
    const blob = await this.#finishBlob(last);
    return { size: this.#size, md5, checksum, stored: { blob } };
  }

  async #finishBlob(last: Buffer): Promise<number> {
    await this.#claim.ensure(last.length);
    this.#writer ??= await this.#blobs.create();
    await Promise.all(this.#busy);
    await this.#writer.finish(last);
    this.#claim.wrote(last.length);
    this.#incoming.signal?.throwIfAborted();
    return this.#writer.blob;
  }

  async discard(): Promise<void> {
    this.#hash?.abandon();
    await Promise.allSettled(this.#busy);
    const writer = this.#writer;
    if (writer === undefined) return;
    // Already closed when the failure came after the last byte.
    await writer.abandon().catch(() => undefined);
    await this.#blobs.discard(writer.blob);
  }

  /** Only once nothing is under way. */
  release(): void {
    if (this.#isPooled) givePieceBuffer(this.#buffer);
  }

  /** Begun only for bodies that are more than one piece in memory. */
  get #hashing(): BodyHash {
    const { size = pieceBytes, checksumAlgorithm } = this.#incoming;
    this.#hash ??=
      size >= threadedBytesMin
        ? this.#hashThreads.begin(checksumAlgorithm)
        : hashHere(checksumAlgorithm);
    return this.#hash;
  }

  #admit(digests: BodyDigests): Computed {
    const { checksumAlgorithm: algorithm, admit } = this.#incoming;
    const computed: Computed = {
      size: this.#size,
      md5: digests.md5,
      checksum: { algorithm, value: base64(digests.checksum), type: "FULL_OBJECT" },
    };
    admit?.(computed);
    return computed;
  }

  async #nextPiece(): Promise<void> {
    await this.#claim.ensure(this.#capacity);
    this.#writer ??= await this.#blobs.create();
    if (this.#busy.length === busyMax) await this.#busy.shift();
    const storing = this.#store(this.#writer, this.#buffer);
    // Its failure is met when it is awaited; until then no one else does.
    storing.catch(() => undefined);
    this.#busy.push(storing);
    this.#buffer = takePieceBuffer();
    this.#filled = 0;
  }

  /** Settles once nobody looks at the piece any more, and its memory was given back. */
  async #store(writer: BlobWriter, buffer: Buffer): Promise<void> {
    const piece = buffer.subarray(0, this.#capacity);
    const hashed = Promise.resolve(this.#hashing.update(piece));
    this.#writing = this.#writing.then(() => writer.append(piece));
    const work = [hashed, this.#writing];
    await Promise.allSettled(work);
    givePieceBuffer(buffer);
    await Promise.all(work);
    this.#claim.wrote(piece.length);
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

function incompleteBody(): Error {
  return s3Error("IncompleteBody");
}
