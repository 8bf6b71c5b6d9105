import type { Framing } from "./answer-head.ts";

/** Heads and small answers are read into the same buffer again and again, in bytes. */
const smallBytes = 16 * 1024;
/** Large bodies are read into buffers that become their reader's, each filled before the next, in bytes. */
const largeBytes = 256 * 1024;
/** Less room than this is not worth a read, in bytes. */
const roomBytesMin = 64 * 1024;

/** Where a connection's bytes are read into: one small buffer, or for large bodies some that need not be copied. */
export class ReadBuffer {
  readonly #small = Buffer.allocUnsafeSlow(smallBytes);
  #large: Buffer | undefined;
  #at = 0;
  /** What the next bytes are read into. */
  #current: Buffer = this.#small;
  /** How much of a body of unknown length has come, in bytes. */
  #seen = 0;
  #isLarge = false;
  #isCounting = false;

  /** Given to the socket, which asks after each read. */
  readonly next = (): Uint8Array => {
    if (!this.#isLarge) {
      this.#current = this.#small;
    } else {
      if (this.#large === undefined || this.#large.length - this.#at < roomBytesMin) {
        this.#large = Buffer.allocUnsafeSlow(largeBytes);
        this.#at = 0;
      }
      this.#current = this.#large.subarray(this.#at);
    }
    return this.#current;
  };

  /** What was just read. */
  taken(count: number): Buffer {
    if (this.#current !== this.#small) this.#at += count;
    return this.#current.subarray(0, count);
  }

  /** A body that is framed so begins. */
  expect(framing: Framing): void {
    this.#seen = 0;
    this.#isLarge = typeof framing === "number" && framing >= roomBytesMin;
    this.#isCounting = typeof framing !== "number";
  }

  /** The bytes, which lie in what was just read, for whoever wants to keep them. */
  kept(bytes: Buffer): Buffer {
    if (this.#isCounting) {
      this.#seen += bytes.length;
      if (this.#seen >= roomBytesMin) this.#isLarge = true;
    }
    return this.#current === this.#small ? Buffer.from(bytes) : bytes;
  }

  /** The body is over; what was read of it is its reader's. */
  rest(): void {
    this.#isLarge = false;
    this.#isCounting = false;
    this.#large = undefined;
    this.#current = this.#small;
  }
}
