import { MalformedAnswer } from "./malformed-answer.ts";

/** A chunk's size and its extensions, of which nothing is used, in bytes. */
const lineBytesMax = 1_024;
/** Of all lines after the last chunk together, in bytes. */
const trailerBytesMax = 8 * 1_024;
/** Smaller pieces are moved together, so that a body of many small chunks is not as many small buffers. */
const joinedBytesMax = 4_096;

const sizeLine =
  /^([0-9A-Fa-f]{1,13})(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|"[\t\x20\x21\x23-\x5b\x5d-\x7e\x80-\xff]*"))?)*\r\n$/;
const sizeBegun = /^[0-9A-Fa-f]{0,13}(?:;[\t\x20-\x7e\x80-\xff]*)?\r?$/;
const trailerLine = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n$/;

const lineFeed = 0x0a;

/** What a body of chunks is at: a size, the bytes of a chunk, the line's end behind them, the trailer, its end. */
type Stage = "size" | "data" | "seam" | "trailer" | "over";

/** Takes the framing off a body of chunks. What is not surely framing is refused (RFC 9112, section 7.1). */
export class ChunkedBody {
  #stage: Stage = "size";
  /** Of the chunk, in bytes. */
  #left = 0;
  /** The beginning of a line of which the end has not come. */
  #line = "";
  #trailerBytes = 0;
  /** Bytes of the body that lie side by side in what is being read, and were not given yet. */
  #from = 0;
  #to = 0;

  get isOver(): boolean {
    return this.#stage === "over";
  }

  /**
   * Gives the body's bytes in `bytes` from `start` on to `give`, moved within `bytes` where that joins them, and returns
   * where it stopped: at the end, or behind the body. Throws a `MalformedAnswer`.
   */
  read(bytes: Buffer, start: number, give: (piece: Buffer) => void): number {
    let at = start;
    this.#from = this.#to = start;
    while (at < bytes.length && this.#stage !== "over") {
      at = this.#stage === "data" ? this.#data(bytes, at, give) : this.#framing(bytes, at);
    }
    this.#give(bytes, give);
    return at;
  }

  #data(bytes: Buffer, at: number, give: (piece: Buffer) => void): number {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    if (this.#left === 0) this.#stage = "seam";
    if (this.#to > this.#from && this.#to !== at && end - at < joinedBytesMax) {
      bytes.copyWithin(this.#to, at, end);
      this.#to += end - at;
      return end;
    }
    if (this.#to !== at) this.#give(bytes, give);
    if (this.#to === this.#from) this.#from = at;
    this.#to = end;
    return end;
  }

  #give(bytes: Buffer, give: (piece: Buffer) => void): void {
    if (this.#to > this.#from) give(bytes.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }

  #framing(bytes: Buffer, at: number): number {
    const lineEnd = bytes.indexOf(lineFeed, at);
    const end = lineEnd === -1 ? bytes.length : lineEnd + 1;
    const bytesMax = this.#stage === "trailer" ? trailerBytesMax : lineBytesMax;
    if (this.#line.length + (end - at) > bytesMax)
      MalformedAnswer.refuse("a line of its framing is too long");
    this.#line += bytes.toString("latin1", at, end);
    if (lineEnd === -1) this.#checkBegun();
    else this.#endLine();
    return end;
  }

  /** What cannot become a line any more is not waited for. */
  #checkBegun(): void {
    const line = this.#line;
    if (this.#stage === "size" && !sizeBegun.test(line))
      MalformedAnswer.refuse("a chunk has no size");
    if (this.#stage === "seam" && line !== "\r")
      MalformedAnswer.refuse("a chunk is longer than its size");
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = "";
    if (this.#stage === "size") {
      const [, digits] = sizeLine.exec(line) ?? MalformedAnswer.refuse("a chunk has no size");
      this.#left = Number.parseInt(digits ?? "", 16);
      this.#stage = this.#left === 0 ? "trailer" : "data";
    } else if (this.#stage === "seam") {
      if (line !== "\r\n") MalformedAnswer.refuse("a chunk is longer than its size");
      this.#stage = "size";
    } else if (line === "\r\n") {
      this.#stage = "over";
    } else {
      this.#trailerBytes += line.length;
      if (!trailerLine.test(line) || this.#trailerBytes > trailerBytesMax) {
        MalformedAnswer.refuse("its trailer is not HTTP's");
      }
    }
  }
}
