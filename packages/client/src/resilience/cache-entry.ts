import { createHash } from "node:crypto";
import { open, rename, rm, type FileHandle } from "node:fs/promises";
import { IteratedBody } from "../bodies/iterated-body.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import { parseSummary, type ObjectSummary, type ReadableObject } from "./object-summary.ts";

// A file is the object's bytes, then a footer of JSON, then the footer's length in four bytes: what is written last is
// read first, so that nothing partial is taken for whole.

const footerBytesMax = 1 << 20;
const pieceBytes = 1 << 16;

interface Footer {
  readonly storedAtMs: number;
  /** Of the object's bytes. */
  readonly bytes: number;
  readonly sha256: string;
  readonly summary: ObjectSummary;
}

/** An entry of a cache that is being written beside its place, and gets there whole or not at all. */
export class EntryWriter {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #hash = createHash("sha256");
  #bytes = 0;

  private constructor(handle: FileHandle, path: string) {
    this.#handle = handle;
    this.#path = path;
  }

  /** Begins at a path that does not exist yet. */
  static async create(path: string): Promise<EntryWriter> {
    return new EntryWriter(await open(path, "wx", 0o600), path);
  }

  async write(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    this.#bytes += piece.length;
    await this.#handle.writeFile(piece);
  }

  /** Puts the entry in its place and resolves with its size on disk. */
  async commit(place: string, stored: { summary: ObjectSummary; nowMs: number }): Promise<number> {
    const footer: Footer = {
      storedAtMs: stored.nowMs,
      bytes: this.#bytes,
      sha256: this.#hash.digest("hex"),
      summary: stored.summary,
    };
    const json = Buffer.from(JSON.stringify(footer));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(json.length);
    await this.#handle.writeFile(Buffer.concat([json, length]));
    await this.#handle.close();
    await rename(this.#path, place);
    return this.#bytes + json.length + length.length;
  }

  /** Removes what was written. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {}); // It may be what failed; the file goes either way
    await rm(this.#path, { force: true });
  }
}

/** An entry that was found whole. */
export interface StoredEntry {
  readonly object: ReadableObject;
  readonly storedAtMs: number;
}

/** Opens an entry; undefined when the file is not one. The body fails at its end if its bytes are not those stored. */
export async function openEntry(path: string): Promise<StoredEntry | undefined> {
  const handle = await open(path);
  const footer = await readFooter(handle).catch(() => undefined);
  if (footer === undefined) {
    await handle.close();
    return undefined;
  }
  const body = new IteratedBody(pieces(handle, footer), () => handle.close());
  return { object: { ...footer.summary, body }, storedAtMs: footer.storedAtMs };
}

async function readFooter(handle: FileHandle): Promise<Footer | undefined> {
  const { size } = await handle.stat();
  const tail = await readAt(handle, size - 4, 4);
  const length = tail.readUInt32BE();
  if (length > footerBytesMax) return undefined;
  const start = size - 4 - length;
  const footer = parseFooter(JSON.parse(String(await readAt(handle, start, length))));
  return footer?.bytes === start ? footer : undefined;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead < length) throw new RangeError("the file is shorter than it says");
  return buffer;
}

function parseFooter(json: unknown): Footer | undefined {
  if (typeof json !== "object" || json === null) return undefined;
  if (!("storedAtMs" in json && "bytes" in json && "sha256" in json && "summary" in json)) return;
  const { storedAtMs, bytes, sha256, summary } = json;
  if (typeof storedAtMs !== "number" || typeof bytes !== "number") return undefined;
  if (typeof sha256 !== "string" || typeof summary !== "object" || summary === null) return;
  return { storedAtMs, bytes, sha256, summary: parseSummary(summary) };
}

async function* pieces(handle: FileHandle, { bytes, sha256 }: Footer): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for (let position = 0; position < bytes;) {
    const piece = await readAt(handle, position, Math.min(pieceBytes, bytes - position));
    position += piece.length;
    hash.update(piece);
    yield piece;
  }
  if (hash.digest("hex") === sha256) return;
  const context = { operation: "GetObject" };
  throw toS3Error({ code: "ChecksumMismatch" }, { context, history: [], ambiguous: false });
}
