import type { IncomingMessage } from "node:http";
import type { FileStat } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { kindOfStatus } from "../kind-of-status.ts";
import { retryAfterOf } from "../retry-after.ts";

/** Which bytes are wanted. */
export interface AskedRange {
  readonly offset: number;
  readonly length: number | undefined;
}

/** The part of a file that a body has. */
export interface SentPart {
  /** Of the whole file, in bytes. */
  readonly size: number;
  readonly first: number;
  readonly bytes: number;
}

/** What a server answered in the place of a file: its status, and nothing that it says beside that. */
class HttpError extends Error {
  static {
    this.prototype.name = "HttpError";
  }

  readonly status: number;

  constructor(status: number) {
    super(`The server answered ${status}.`);
    this.status = status;
  }
}

/** What a status that is not the wanted one means; what its body says is never looked at. */
export function refusal(answer: IncomingMessage): DriverFailure {
  const status = answer.statusCode ?? 0;
  const id = answer.headers["x-request-id"];
  return new DriverFailure({
    kind: kindOfStatus(status),
    status,
    cause: new HttpError(status),
    retryAfter: retryAfterOf(answer.headers["retry-after"], Date.now()),
    requestId: typeof id === "string" ? id : undefined,
    // A server that does not do what it is asked for will not do it later.
    ...(status < 400 && { retryable: false }),
  });
}

/** Which part of the file an answer of 200 or 206 has. Fails unless it says so, and unless it is what was asked for. */
export function sentPart(answer: IncomingMessage, range: AskedRange): SentPart {
  const stated = contentLength(answer);
  if (answer.statusCode === 200) {
    if (stated === undefined) throw unusable("The server does not say how long the file is.");
    return { size: stated, first: 0, bytes: stated };
  }
  const part = contentRange(answer);
  if (part === undefined) throw unusable("The server does not say which part of the file it sent.");
  const end = range.length === undefined ? part.size : range.offset + range.length;
  const due = Math.min(end, part.size) - range.offset;
  if (part.first !== range.offset || part.bytes !== due || (stated ?? due) !== due) {
    throw unusable("The server sent another part of the file than was asked for.");
  }
  return part;
}

/** The size in an answer of 416, or undefined if it has none. */
export function sizeOfUnsatisfied(answer: IncomingMessage): number | undefined {
  const [, size] = /^bytes \*\/(\d+)$/i.exec(answer.headers["content-range"] ?? "") ?? [];
  return size === undefined ? undefined : Number(size);
}

/** What an answer says of the file, but for its size. A weak etag does not change whenever the bytes do. */
export function factsOf(answer: IncomingMessage): Omit<FileStat, "kind" | "size"> {
  const { etag = "", "last-modified": modified = "", "content-type": contentType } = answer.headers;
  const modifiedAt = new Date(modified);
  return {
    etag: /^"(.*)"$/.exec(etag)?.[1],
    modifiedAt: Number.isNaN(modifiedAt.getTime()) ? undefined : modifiedAt,
    contentType,
  };
}

/** Fails for a body in an encoding: its bytes, its length and its ranges are not the file's. */
export function refuseEncoding(answer: IncomingMessage): void {
  const encoding = answer.headers["content-encoding"] ?? "identity";
  if (encoding.trim().toLowerCase() === "identity") return;
  const message = "The server sends the file compressed, which it was asked not to do.";
  throw new DriverFailure({ kind: "unsupported", message, capability: "read" });
}

/** The length that an answer states of its body. */
export function contentLength(answer: IncomingMessage): number | undefined {
  const stated = answer.headers["content-length"];
  return stated !== undefined && /^\d{1,15}$/.test(stated) ? Number(stated) : undefined;
}

function contentRange(answer: IncomingMessage): SentPart | undefined {
  const stated = answer.headers["content-range"] ?? "";
  const [, first, last, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(stated) ?? [];
  if (size === undefined) return undefined;
  const bytes = Number(last) - Number(first) + 1;
  return { size: Number(size), first: Number(first), bytes };
}

function unusable(message: string): DriverFailure {
  return new DriverFailure({ kind: "unavailable", message, retryable: false });
}
