/** As much as a read takes at once, in bytes: of more the processor's caches have no room. */
const largeBytes = 256 * 1024;
/** As much where many bodies come at once, and each of them holds a buffer for as long as its reader takes, in bytes. */
const crowdedBytes = 128 * 1024;
/** As many bodies as may come at once most of the time. */
const bodiesUsually = 16;

/** Buffers that large bodies were read into, kept for the next ones. */
export class SpareBuffers {
  readonly #large: Buffer[] = [];
  /** Kept for as long as there is any body. */
  #crowded: Buffer[] = [];
  #bodies = 0;

  /** A large body is about to be read. */
  begin(): void {
    this.#bodies += 1;
  }

  /** One of the bodies is over, or was given up. */
  end(): void {
    this.#bodies -= 1;
    if (this.#bodies === 0) this.#crowded = [];
  }

  /** One of them, or a new one, and a smaller one in a crowd. */
  take(): Buffer {
    return this.#bodies > bodiesUsually
      ? (this.#crowded.pop() ?? Buffer.allocUnsafeSlow(crowdedBytes))
      : (this.#large.pop() ?? Buffer.allocUnsafeSlow(largeBytes));
  }

  /** Nobody reads this one any more. */
  give(buffer: Buffer): void {
    if (buffer.length < largeBytes) {
      if (this.#bodies > 0) this.#crowded.push(buffer);
    } else if (this.#large.length < bodiesUsually) {
      this.#large.push(buffer);
    }
  }
}
