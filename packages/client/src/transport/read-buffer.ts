import type { Framing } from "./answer-head.ts";
import type { SpareBuffers } from "./spare-buffers.ts";

/** Heads and small answers are read into the same buffer again and again, in bytes. */
const smallBytes = 16 * 1024;
/** Less room than this is not worth a read, in bytes. */
const roomBytesMin = 64 * 1024;

/**
 * Where a connection's bytes are read into: one small buffer; for large bodies some that become their reader's, each filled
 * before the next; or one for all of a large body, where its reader has done with a piece before it asks for another.
 */
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
  #isReusing = false;
  /** Whether this body is one of those that `#spare` counts. */
  #isCounted = false;
  readonly #spare: SpareBuffers;

  constructor(spare: SpareBuffers) {
    this.#spare = spare;
  }

  /** Given to the socket, which asks after each read. */
  readonly next = (): Uint8Array => {
    if (!this.#isLarge) {
      this.#current = this.#small;
    } else {
      this.#current = this.#isReusing ? this.#reused() : this.#room();
    }
    return this.#current;
  };

  /** Whether what was just read is overwritten by what is read next. */
  get isReused(): boolean {
    return this.#isReusing && this.#current === this.#large;
  }

  /** The reader of the body has done with a piece before it asks for the next. */
  reuse(): void {
    this.#isReusing = true;
    // What was read so far is the reader's.
    if (this.#at > 0) this.#large = undefined;
  }

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

  /** The body is over. What was read of it is its reader's; the memory that can be used for another once it has done is returned. */
  rest(): Buffer | undefined {
    const reused = this.#isReusing ? this.#large : undefined;
    this.#isReusing = false;
    this.#isLarge = false;
    this.#isCounting = false;
    this.#large = undefined;
    this.#current = this.#small;
    if (this.#isCounted) this.#spare.end();
    this.#isCounted = false;
    return reused;
  }

  #room(): Buffer {
    if (this.#large === undefined || this.#large.length - this.#at < roomBytesMin) {
      this.#large = this.#take();
      this.#at = 0;
    }
    return this.#at === 0 ? this.#large : this.#large.subarray(this.#at);
  }

  #reused(): Buffer {
    return (this.#large ??= this.#take());
  }

  #take(): Buffer {
    if (!this.#isCounted) this.#spare.begin();
    this.#isCounted = true;
    return this.#spare.take();
  }
}
