import { s3Error, type FileSizes, type S3Error } from "@holdfast/protocol";
import type { RequestBody } from "../http/incoming-body.ts";
import { uploadBytesMax } from "../handlers/upload-body.ts";
import { malformedForm } from "./part-header.ts";
import type { PostedForm } from "./posted-form.ts";

/** A file up to this size is read before it is sent on, and then its size is known. */
const knownBytesMax = 64 * 1024;

/** A body of a size that is known before its first byte. */
export interface KnownBody extends RequestBody {
  readonly contentLength: number;
}

/** The file, as long as it has a size that the policy allows: else it ends in `EntityTooLarge` or `EntityTooSmall`. */
export async function* sizedFile(
  file: AsyncIterable<Buffer>,
  sizes: FileSizes,
): AsyncGenerator<Buffer, void, undefined> {
  let size = 0;
  for await (const piece of file) {
    size += piece.length;
    checkMost(size, sizes);
    yield piece;
  }
  checkLeast(size, sizes);
}

/**
 * The file with its size told ahead, for a server that has to be told. The size of a large one follows from the length of
 * the request if nothing but the end of the form comes behind the file; the last piece is held back until it is seen to
 * be so, and `MalformedPOSTRequest` leaves the receiver without it.
 */
export async function fileOfKnownSize(form: PostedForm, sizes: FileSizes): Promise<KnownBody> {
  const pieces = sizedFile(form.file(), sizes);
  const first: Buffer[] = [];
  let length = 0;
  for (;;) {
    const step = await pieces.next();
    if (step.done === true) return known(length, first);
    // Whoever yielded it may go on with its memory.
    first.push(Buffer.from(step.value));
    length += step.value.length;
    if (length > knownBytesMax) break;
  }
  const { expectedSize } = form;
  if (expectedSize === undefined) {
    await pieces.return();
    throw s3Error("MissingContentLength");
  }
  checkMost(expectedSize, sizes);
  checkLeast(expectedSize, sizes);
  return known(expectedSize, holdingBack(first, pieces, expectedSize));
}

function known(
  contentLength: number,
  body: Iterable<Buffer> | AsyncGenerator<Buffer, void, undefined>,
): KnownBody {
  let bytesRead = 0;
  return {
    contentLength,
    isPresent: true,
    get bytesRead() {
      return bytesRead;
    },
    async *[Symbol.asyncIterator]() {
      for await (const piece of body) {
        bytesRead += piece.length;
        yield piece;
      }
    },
  };
}

async function* holdingBack(
  first: readonly Buffer[],
  rest: AsyncGenerator<Buffer, void, undefined>,
  expected: number,
): AsyncGenerator<Buffer, void, undefined> {
  let size = 0;
  let held: Buffer | undefined;
  try {
    for await (const piece of chained(first, rest)) {
      if (held !== undefined) yield held;
      size += piece.length;
      if (size > expected) throw malformedForm("file_not_last");
      held = Buffer.from(piece);
    }
    if (size !== expected) throw malformedForm("file_not_last");
    if (held !== undefined) yield held;
  } finally {
    await rest.return();
  }
}

async function* chained(
  first: readonly Buffer[],
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  yield* first;
  yield* rest;
}

function checkMost(size: number, { max }: FileSizes): void {
  const most = Math.min(max, uploadBytesMax);
  if (size > most) throw tooLarge(size, most);
}

function checkLeast(size: number, { min }: FileSizes): void {
  if (size >= min) return;
  throw s3Error("EntityTooSmall", { ProposedSize: String(size), MinSizeAllowed: String(min) });
}

function tooLarge(size: number, most: number): S3Error {
  const extra = { ProposedSize: String(size), MaxSizeAllowed: String(most) };
  return s3Error("EntityTooLarge", undefined, { extra });
}
