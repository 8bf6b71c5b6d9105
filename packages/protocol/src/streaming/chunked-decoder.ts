import { createHash, type Hash } from "node:crypto";
import { s3Error } from "../errors/s3-error.ts";
import type { ChunkVerifier } from "../sigv4/chunk-verifier.ts";
import { chunkHeaderBytesMax, malformedBody, readChunkHeader } from "./chunk-header.ts";
import { TrailerSection } from "./trailer-section.ts";

/** What the headers of a request say of its aws-chunked body. */
export interface ChunkedDecoderOptions {
  /** Whether trailers may follow the last chunk. */
  readonly trailer: boolean;
  /** Absent for bodies whose chunks are not signed. */
  readonly signer?: ChunkVerifier;
  /** What `x-amz-decoded-content-length` says. */
  readonly decodedLength: number;
  /** The names in `x-amz-trailer`, in lower case. */
  readonly announced: readonly string[];
}

/** What the next bytes are; the lines are gathered, `data` is passed on as it comes. */
type Expectation = "header" | "data" | "data-end" | "trailer" | "end" | "nothing";

/** Only the last chunk of a signed body may be smaller. */
const signedChunkBytesMin = 8192;
const lineFeed = 0x0a;

/**
 * Takes the framing off an aws-chunked body, never holding more of it than one line. Bytes come out
 * before the signature of their chunk was seen: nothing may count as received until `end` returns.
 */
export class ChunkedDecoder {
  readonly #options: ChunkedDecoderOptions;
  readonly #trailers: TrailerSection;
  #expected: Expectation = "header";
  #line = "";
  #hash: Hash | undefined;
  #chunk = { index: 0, size: 0, left: 0, signature: "" };
  #decodedLeft: number;
  #received: ReadonlyMap<string, string> = new Map();

  constructor(options: ChunkedDecoderOptions) {
    this.#options = options;
    this.#decodedLeft = options.decodedLength;
    const signer = options.trailer ? options.signer : undefined;
    this.#trailers = new TrailerSection(options.announced, signer);
  }

  /**
   * Takes bytes off the wire and returns views of the payload among them. Throws `IncompleteBody` for
   * framing, `InvalidChunkSizeError`, `MalformedTrailerError`, `SignatureDoesNotMatch`.
   */
  write(bytes: Buffer): Buffer[] {
    const payload: Buffer[] = [];
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#expected === "data") {
        const piece = bytes.subarray(offset, offset + this.#chunk.left);
        offset += piece.length;
        this.#takeData(piece);
        payload.push(piece);
      } else {
        offset = this.#takeLine(bytes, offset);
      }
    }
    return payload;
  }

  /** After the last byte: the trailers by lower-case name, or `IncompleteBody` when some are missing. */
  end(): ReadonlyMap<string, string> {
    if (this.#expected !== "nothing") throw malformedBody("truncated_body");
    return this.#received;
  }

  #takeData(piece: Buffer): void {
    this.#hash?.update(piece);
    this.#chunk.left -= piece.length;
    if (this.#chunk.left === 0) this.#expected = "data-end";
  }

  /** Gathers up to the next line feed; a line that is split between pieces waits for its rest. */
  #takeLine(bytes: Buffer, offset: number): number {
    if (this.#expected === "nothing") throw malformedBody("bytes_after_end");
    const limit = offset + this.#lineBytesMax() - this.#line.length;
    const window = bytes.subarray(offset, limit);
    const found = window.indexOf(lineFeed);
    const end = found === -1 ? window.length : found + 1;
    this.#line += window.toString("latin1", 0, end);
    if (found === -1) {
      if (this.#line.length >= this.#lineBytesMax()) throw malformedBody("line_too_long");
      return offset + end;
    }
    if (!this.#line.endsWith("\r\n")) throw malformedBody("bare_line_feed");
    const line = this.#line.slice(0, -2);
    this.#line = "";
    this.#takeWholeLine(line);
    return offset + end;
  }

  #lineBytesMax(): number {
    return this.#expected === "data-end" || this.#expected === "end" ? 2 : chunkHeaderBytesMax;
  }

  #takeWholeLine(line: string): void {
    switch (this.#expected) {
      case "header":
        return this.#openChunk(line);
      case "data-end":
        if (line !== "") throw malformedBody("missing_crlf");
        this.#verifyChunk();
        this.#expected = "header";
        return;
      case "trailer":
        if (line !== "") return this.#trailers.add(line);
        return this.#finish();
      case "end":
        if (line !== "") throw malformedBody("missing_crlf");
        return this.#finish();
      case "data":
      case "nothing":
    }
  }

  #openChunk(line: string): void {
    const { signer, trailer } = this.#options;
    const { size, signature = "" } = readChunkHeader(line, signer !== undefined);
    const previous = this.#chunk;
    if (
      signer !== undefined &&
      size > 0 &&
      previous.index > 0 &&
      previous.size < signedChunkBytesMin
    ) {
      const details = { Chunk: String(previous.index), BadChunkSize: String(previous.size) };
      throw s3Error("InvalidChunkSizeError", details);
    }
    if (size > this.#decodedLeft) throw malformedBody("more_than_decoded_length");
    this.#decodedLeft -= size;
    this.#chunk = { index: previous.index + 1, size, left: size, signature };
    this.#hash = signer === undefined ? undefined : createHash("sha256");
    this.#expected = "data";
    if (size > 0) return;
    if (this.#decodedLeft > 0) throw malformedBody("less_than_decoded_length");
    this.#verifyChunk();
    this.#expected = trailer ? "trailer" : "end";
  }

  #verifyChunk(): void {
    if (this.#hash === undefined) return;
    this.#options.signer?.verifyChunk(this.#hash.digest("hex"), this.#chunk.signature);
  }

  #finish(): void {
    this.#received = this.#trailers.finish();
    this.#expected = "nothing";
  }
}
