import { asS3Error } from "../errors/as-s3-error.ts";
import { nextPiece } from "../bodies/next-piece.ts";
import { wholeNumber } from "../bodies/whole-number.ts";
import { putObject } from "../operations/put-object.ts";
import { uploadPart } from "../operations/upload-part.ts";
import { bytesAtHand, type RequestBody } from "../bodies/to-replayable-body.ts";
import { invalidInput } from "../operations/values.ts";
import type { Connection } from "../request/call.ts";
import { checkSignal } from "../request/check-signal.ts";
import {
  MultipartTransfer,
  type MultipartInput,
  type MultipartOutput,
} from "./multipart-transfer.ts";
import { partSizes } from "./part-sizes.ts";
import { partsOf, type Parts } from "./parts-of.ts";
import { tellStored } from "./progress.ts";

/** An object to be stored, of any size. */
export interface ManagedUploadInput extends MultipartInput {
  readonly body: RequestBody;
  /** In bytes, for a source that does not know its own: parts of one size are then large enough. */
  readonly contentLength?: number | undefined;
  /** Of each part but the last: 8 MiB by default, and never under 5 MiB. Memory is at most two for each that is on its way, and one. */
  readonly partBytes?: number | undefined;
}

/** What was stored. */
export type ManagedUploadOutput = MultipartOutput;

/**
 * Stores an object of any size: by one request where it fits into a part, in parts otherwise. All or nothing: when the
 * source fails, the signal aborts or the service refuses, no object is made and no upload is left; where a lost answer
 * leaves that open, the error is `ambiguous`, and an upload that could not be taken back is named in its `details`.
 * Rejects with `S3SourceError` when the source fails; its own error is the cause. What was not read of a source is
 * let go of.
 */
export async function upload(
  connection: Connection,
  input: ManagedUploadInput,
): Promise<ManagedUploadOutput> {
  const { body, contentLength: length, partBytes, signal } = input;
  let opened: Parts | undefined;
  try {
    check(input);
    const whole = bytesAtHand(body);
    if (whole !== undefined && whole.byteLength <= partSizes(whole.byteLength, partBytes)(1)) {
      return await uploadWhole(connection, input, whole.byteLength);
    }
    opened = await partsOf(body, { length, partBytes });
    const atHand = await firstTwo(opened.parts, signal);
    if (atHand.length < 2) {
      const [only = new Uint8Array()] = atHand;
      const small = { ...input, body: only, contentLength: undefined };
      return await uploadWhole(connection, small, only.byteLength);
    }
    const parts = preceded(atHand, opened.parts);
    const transfer = new MultipartTransfer(connection, input, {
      operation: "Upload",
      totalBytes: opened.totalBytes,
      parts,
      bytesOf: (part) => part.byteLength,
      send: (part, target) => uploadPart(connection, { ...target, body: part }),
    });
    return await transfer.run();
  } catch (error) {
    opened?.end();
    const { bucket, key } = input;
    throw asS3Error(error, { operation: "Upload", bucket, key });
  }
}

async function firstTwo(
  parts: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<Uint8Array[]> {
  const first = await nextPiece(parts, signal);
  if (first === undefined) return [];
  const second = await nextPiece(parts, signal);
  return second === undefined ? [first] : [first, second];
}

/** Keeps no part once it was given. */
function preceded(
  atHand: Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): Pick<AsyncIterator<Uint8Array>, "next"> {
  return {
    next() {
      const value = atHand.shift();
      return value === undefined ? rest.next() : Promise.resolve({ done: false, value });
    },
  };
}

/** Refuses what would store nothing, and what only a larger object would be refused for. */
function check({ body, signal, concurrency }: ManagedUploadInput): void {
  checkSignal(signal);
  if (concurrency !== undefined) wholeNumber("concurrency", concurrency, 1);
  const given: unknown = body;
  if (given === undefined) throw invalidInput("There is no body.");
}

async function uploadWhole(
  connection: Connection,
  input: ManagedUploadInput,
  bytes: number,
): Promise<ManagedUploadOutput> {
  const { bucket, key, onProgress } = input;
  const output = await putObject(connection, input);
  tellStored(connection, { operation: "Upload", bucket, key, onProgress }, bytes);
  return { etag: output.etag, versionId: output.versionId, parts: 0, bytes };
}
