import { randomUUID } from "node:crypto";
import type { BlobRequestConditions, BlockBlobClient } from "@azure/storage-blob";
import type { Attributes, Written } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { blobAttributes } from "./blob-attributes.ts";
import { checkConditions } from "./check-conditions.ts";
import { commitBlocks } from "./commit-blocks.ts";
import { etagOf } from "./etag.ts";
import type { Requests } from "./requests.ts";

/** How bytes are sent. */
export interface BlockLimits {
  /** The size of a block; what fits into one is sent in one request. */
  readonly blockBytes: number;
  /** How many blocks are sent at once, each of them in memory. */
  readonly blocksAtOnce: number;
}

/** An upload of one blob. */
export interface BlockUpload extends BlockLimits {
  readonly requests: Requests;
  readonly blob: BlockBlobClient;
  readonly conditions: BlobRequestConditions;
  readonly attributes: Attributes;
  readonly signal: AbortSignal | undefined;
}

/** How many blocks a blob may have. */
export const blocksMax = 50_000;

/**
 * Stores a blob whole or not at all: small ones in one request, others as blocks that nobody sees until the list of them is
 * committed. Blocks of an upload that fails stay with Azure, invisible, for a week.
 */
export async function uploadBlob(
  upload: BlockUpload,
  body: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<Written> {
  const blocks = blocksOf(body, upload.blockBytes);
  try {
    const first = await blocks.next();
    const second = first.done === true ? first : await blocks.next();
    if (first.done === true) return await putWhole(upload, new Uint8Array());
    if (second.done === true) return await putWhole(upload, first.value);
    // Before anything is sent that would then lie there. The commit has the last word.
    await checkConditions(upload);
    const staged = await stage(upload, [first.value, second.value], blocks);
    return await commit(upload, staged);
  } finally {
    await blocks.return();
  }
}

async function putWhole(upload: BlockUpload, bytes: Uint8Array): Promise<Written> {
  const { blob, conditions, attributes, requests, signal } = upload;
  const options = { conditions, ...blobAttributes(attributes) };
  const stored = await requests.ask({
    changes: true,
    signal,
    send: (abortSignal) => blob.upload(bytes, bytes.byteLength, { ...options, abortSignal }),
  });
  return { size: bytes.byteLength, etag: etagOf(stored.etag), modifiedAt: stored.lastModified };
}

interface Staged {
  readonly ids: readonly string[];
  readonly bytes: number;
}

/** Sends blocks, some at once, and ends all of them before it fails. */
async function stage(
  upload: BlockUpload,
  begun: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): Promise<Staged> {
  upload.signal?.throwIfAborted();
  const ending = new AbortController();
  const underWay = new Set<Promise<void>>();
  const ids: string[] = [];
  const uploadId = randomUUID();
  let bytes = 0;
  let failure: { readonly error: unknown } | undefined;
  const send = async (block: Uint8Array): Promise<void> => {
    const id = blockId(uploadId, ids.length);
    ids.push(id);
    bytes += block.byteLength;
    const sent = stageBlock(upload, { id, block, signal: ending.signal })
      .catch((error: unknown) => {
        failure ??= { error };
        ending.abort(error);
      })
      .finally(() => underWay.delete(sent));
    underWay.add(sent);
    if (underWay.size >= upload.blocksAtOnce) await Promise.race(underWay);
    if (failure !== undefined) throw failure.error;
  };
  const abort = (): void => ending.abort(upload.signal?.reason);
  upload.signal?.addEventListener("abort", abort, { once: true });
  try {
    for (const block of begun) await send(block);
    for await (const block of rest) await send(block);
    await Promise.all(underWay);
  } catch (error) {
    ending.abort(error);
    await Promise.all(underWay);
    throw error;
  } finally {
    upload.signal?.removeEventListener("abort", abort);
  }
  if (failure !== undefined) throw failure.error;
  return { ids, bytes };
}

interface Block {
  readonly id: string;
  readonly block: Uint8Array;
  readonly signal: AbortSignal;
}

/** A block may be sent twice: the second replaces the first. */
async function stageBlock(upload: BlockUpload, { id, block, signal }: Block): Promise<void> {
  await upload.requests.ask({
    signal,
    send: (abortSignal) => upload.blob.stageBlock(id, block, block.byteLength, { abortSignal }),
  });
}

async function commit(upload: BlockUpload, { ids, bytes }: Staged): Promise<Written> {
  const attributes = blobAttributes(upload.attributes);
  const stored = await commitBlocks({ ...upload, ids, attributes });
  return { size: bytes, etag: etagOf(stored.etag), modifiedAt: stored.lastModified };
}

/**
 * All ids of a blob must be of one length, also those that an upload left which nobody ended: this is the length that the
 * SDK uses.
 */
export function blockId(uploadId: string, index: number): string {
  if (index >= blocksMax) {
    const message = `A blob has at most ${blocksMax} blocks: larger ones need a larger blockBytes.`;
    throw new DriverFailure({ kind: "invalid-request", message });
  }
  return Buffer.from(`${uploadId}${String(index).padStart(12, "0")}`).toString("base64");
}

/** The bytes in blocks of one size, the last of them smaller. A piece is copied, for its source may use its memory again. */
async function* blocksOf(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  blockBytes: number,
): AsyncGenerator<Uint8Array, void> {
  if (body instanceof Uint8Array) {
    for (let at = 0; at < body.byteLength; at += blockBytes) {
      yield body.subarray(at, at + blockBytes);
    }
    return;
  }
  let block = Buffer.allocUnsafeSlow(blockBytes);
  let filled = 0;
  for await (const piece of body) {
    for (let at = 0; at < piece.byteLength;) {
      const taken = piece.subarray(at, at + blockBytes - filled);
      block.set(taken, filled);
      filled += taken.byteLength;
      at += taken.byteLength;
      if (filled < blockBytes) continue;
      yield block;
      block = Buffer.allocUnsafeSlow(blockBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield block.subarray(0, filled);
}
