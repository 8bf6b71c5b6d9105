import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { WireFailure } from "../errors/wire-failure.ts";
import type { ReplayableBody } from "./request-body.ts";

/** Bytes that are read as they are sent. A Node stream and a web stream are such. */
export type ByteSource = AsyncIterable<Uint8Array | string>;

/**
 * What a caller may give to be sent. A string is sent as UTF-8. `{ file }` names a file. A function makes
 * a source anew each time it is called, so that what it gives can be sent again.
 */
export type RequestBody =
  | string
  | Uint8Array
  | ArrayBuffer
  | Blob
  | { readonly file: string }
  | ByteSource
  | ReadableStream<Uint8Array>
  | (() => ByteSource | ReadableStream<Uint8Array> | Promise<ByteSource>);

/** How long a source of one's own is, where its caller knows. */
export interface LengthHint {
  /** In bytes. */
  readonly length?: number | undefined;
}

/** The most of a source without a stated length that is held in memory to learn it: 8 MiB. */
const heldBytesMax = 8 * 2 ** 20;

/** Bytes that are at hand already, or undefined for a body that has to be opened. */
export function bytesAtHand(body: RequestBody | undefined): Uint8Array | undefined {
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  return body === undefined ? Buffer.alloc(0) : undefined;
}

/**
 * Makes a body ready to be sent. A source that can be read only once and whose length is unknown is read
 * into memory, up to 8 MiB: longer ones are for `upload`, which cuts them into parts.
 */
export function toReplayableBody(
  body: RequestBody | undefined,
  hint: LengthHint = {},
): ReplayableBody | Promise<ReplayableBody> {
  const bytes = bytesAtHand(body);
  if (bytes !== undefined) return bytesBody(bytes);
  if (body instanceof Blob) return blobBody(body);
  if (typeof body === "function") return factoryBody(body, hint.length);
  if (isFile(body)) return fileBody(body.file);
  if (!isSource(body)) throw notABody();
  return onceBody(body, hint.length);
}

/** A body as bytes to be read once, and how many they are where that is known. */
export interface OpenedBody {
  readonly length: number | undefined;
  readonly source: AsyncIterable<Uint8Array>;
}

/** Opens a body that is not at hand, to be read once and in order. */
export async function openBody(body: RequestBody, hint: LengthHint = {}): Promise<OpenedBody> {
  if (body instanceof Blob) return { length: body.size, source: fromWeb(body.stream()) };
  if (isFile(body)) {
    const length = await fileLength(body.file);
    return { length, source: openFile(body.file, length) };
  }
  if (typeof body === "function") return { length: hint.length, source: toBytes(opened(body)) };
  if (!isSource(body)) throw notABody();
  return { length: hint.length, source: toBytes(iterable(body)) };
}

/** Bytes in memory as a body. */
function bytesBody(bytes: Uint8Array): ReplayableBody {
  return { length: bytes.byteLength, replayable: true, open: () => bytes };
}

function blobBody(blob: Blob): ReplayableBody {
  return { length: blob.size, replayable: true, open: () => fromWeb(blob.stream()) };
}

async function fileBody(path: string): Promise<ReplayableBody> {
  const length = await fileLength(path);
  return { length, replayable: true, open: () => openFile(path, length) };
}

async function fileLength(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw new WireFailure({ code: "BodySourceFailed", cause });
  }
}

/** Not a byte beyond the length that was announced, should the file grow meanwhile. */
function openFile(path: string, length: number): AsyncIterable<Uint8Array> {
  if (length === 0) return toBytes(empty());
  return toBytes(createReadStream(path, { end: length - 1, highWaterMark: 2 ** 18 }));
}

type SourceFactory = Extract<RequestBody, (...none: never[]) => unknown>;

async function factoryBody(
  make: SourceFactory,
  length: number | undefined,
): Promise<ReplayableBody> {
  const open = (): AsyncIterable<Uint8Array> => toBytes(opened(make));
  if (length !== undefined) return { length, replayable: true, open };
  return bytesBody(await held(open()));
}

async function onceBody(
  source: ByteSource | ReadableStream<Uint8Array>,
  length: number | undefined,
): Promise<ReplayableBody> {
  const open = (): AsyncIterable<Uint8Array> => toBytes(iterable(source));
  if (length !== undefined) return { length, replayable: false, open };
  return bytesBody(await held(open()));
}

async function held(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of source) {
      size += piece.byteLength;
      if (size > heldBytesMax) break;
      pieces.push(piece);
    }
  } catch (cause) {
    throw new WireFailure({ code: "BodySourceFailed", cause });
  }
  if (size <= heldBytesMax) return Buffer.concat(pieces, size);
  throw new WireFailure({
    code: "MissingContentLength",
    message:
      "The body is longer than 8 MiB and its length is not stated: use upload(), or give contentLength.",
  });
}

async function* opened(make: SourceFactory): ByteSource {
  yield* iterable(await make());
}

function iterable(source: ByteSource | ReadableStream<Uint8Array>): ByteSource {
  return Symbol.asyncIterator in source ? source : fromWeb(source);
}

async function* toBytes(source: ByteSource): AsyncIterable<Uint8Array> {
  for await (const piece of source) yield typeof piece === "string" ? Buffer.from(piece) : piece;
}

async function* empty(): ByteSource {}

/** The types of web streams know no async iteration, though Node's have it. */
async function* fromWeb(stream: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}

function isFile(body: unknown): body is { readonly file: string } {
  return (
    typeof body === "object" && body !== null && "file" in body && typeof body.file === "string"
  );
}

function isSource(body: unknown): body is ByteSource | ReadableStream<Uint8Array> {
  if (typeof body !== "object" || body === null) return false;
  return Symbol.asyncIterator in body || body instanceof ReadableStream;
}

function notABody(): WireFailure {
  return new WireFailure({
    code: "InvalidRequest",
    message:
      "The body must be a string, bytes, a Blob, { file }, a stream, an async iterable, or a function that makes one.",
  });
}
