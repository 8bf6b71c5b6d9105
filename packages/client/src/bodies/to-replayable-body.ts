import { stat } from "node:fs/promises";
import { WireFailure } from "../errors/wire-failure.ts";
import { nextPiece } from "./next-piece.ts";
import type { ReplayableBody } from "./request-body.ts";
import {
  endOrigin,
  originOf,
  originOfFactory,
  originOfFile,
  SourceReader,
  type ByteSource,
  type OnceSource,
  type Origin,
  type SourceFactory,
} from "./source-reader.ts";
import { wholeNumber } from "./whole-number.ts";

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
  | SourceFactory;

/** How a body is to be read. */
export interface BodyOptions {
  /** In bytes, of a source that does not know its own. */
  readonly length?: number | undefined;
  /** Ends the reading of a source whose length is not known. */
  readonly signal?: AbortSignal | undefined;
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
  options: BodyOptions = {},
): ReplayableBody | Promise<ReplayableBody> {
  const bytes = bytesAtHand(body);
  if (bytes !== undefined) return bytesBody(bytes);
  if (body instanceof Blob) return blobBody(body);
  if (typeof body === "function") return factoryBody(body, options);
  if (isFile(body)) return fileBody(body.file);
  if (!isSource(body)) throw notABody();
  return onceBody(body, options);
}

/** A body as bytes to be read once, and how many they are where that is known. */
export interface OpenedBody {
  readonly length: number | undefined;
  readonly source: SourceReader;
}

/** Opens a body that is not at hand, to be read once and in order. What it was announced to be, it is or it fails. */
export async function openBody(body: RequestBody, options: BodyOptions = {}): Promise<OpenedBody> {
  const { length, origin } = await originOfBody(body, options);
  return { length, source: new SourceReader(origin, length) };
}

interface SizedOrigin {
  readonly length: number | undefined;
  readonly origin: Origin;
}

async function originOfBody(body: RequestBody, { length }: BodyOptions): Promise<SizedOrigin> {
  if (body instanceof Blob) return { length: body.size, origin: originOf(body.stream()) };
  if (isFile(body)) {
    const bytes = await fileLength(body.file);
    return { length: bytes, origin: originOfFile(body.file, bytes) };
  }
  if (typeof body === "function") return { length, origin: originOfFactory(body) };
  if (!isSource(body)) throw notABody();
  return { length, origin: originOf(body) };
}

/** Bytes in memory as a body. */
function bytesBody(bytes: Uint8Array): ReplayableBody {
  return { length: bytes.byteLength, replayable: true, open: () => bytes };
}

function blobBody(blob: Blob): ReplayableBody {
  return replayable(blob.size, () => originOf(blob.stream()));
}

async function fileBody(path: string): Promise<ReplayableBody> {
  const length = await fileLength(path);
  return replayable(length, () => originOfFile(path, length));
}

async function fileLength(path: string): Promise<number> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new WireFailure({ code: "BodySourceFailed", cause });
  });
  if (found.isFile()) return found.size;
  // A pipe has no size: it would be sent as nothing.
  const cause = new TypeError("the body's path names something else than a file");
  throw new WireFailure({ code: "BodySourceFailed", cause });
}

async function factoryBody(
  make: SourceFactory,
  { length, signal }: BodyOptions,
): Promise<ReplayableBody> {
  if (length === undefined) return bytesBody(await held(originOfFactory(make), signal));
  return replayable(wholeNumber("contentLength", length), () => originOfFactory(make));
}

/** What is read anew for each try; `end` lets go of all that was opened. */
function replayable(length: number, origin: () => Origin): ReplayableBody {
  const opened: SourceReader[] = [];
  return {
    length,
    replayable: true,
    open() {
      const reader = new SourceReader(origin(), length);
      opened.push(reader);
      return reader;
    },
    end() {
      for (const reader of opened) void reader.return();
    },
  };
}

async function onceBody(
  source: OnceSource,
  { length, signal }: BodyOptions,
): Promise<ReplayableBody> {
  const origin = originOf(source);
  if (length === undefined) return bytesBody(await held(origin, signal));
  return {
    length: wholeNumber("contentLength", length),
    replayable: false,
    open: () => new SourceReader(origin, length),
    end: () => endOrigin(origin),
  };
}

async function held(origin: Origin, signal: AbortSignal | undefined): Promise<Buffer> {
  const reader = new SourceReader(origin, undefined);
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    while (size <= heldBytesMax) {
      const piece = await nextPiece(reader, signal);
      if (piece === undefined) break;
      size += piece.byteLength;
      // A source may use its memory again for the next piece.
      pieces.push(Uint8Array.from(piece));
    }
  } finally {
    void reader.return();
  }
  if (size <= heldBytesMax) return Buffer.concat(pieces, size);
  throw new WireFailure({
    code: "MissingContentLength",
    message:
      "The body is longer than 8 MiB and its length is not stated: use upload(), or give contentLength.",
  });
}

function isFile(body: unknown): body is { readonly file: string } {
  return (
    typeof body === "object" && body !== null && "file" in body && typeof body.file === "string"
  );
}

function isSource(body: unknown): body is OnceSource {
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
