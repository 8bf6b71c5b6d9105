/** As much as a read takes at once, in bytes: of more the processor's caches have no room. */
const largeBytes = 256 * 1024;
/** As many bodies as may come at once most of the time. */
const spareMax = 16;

/** Buffers that large bodies were read into, kept for the next ones. */
export class SpareBuffers {
  readonly #spare: Buffer[] = [];

  /** One of them, or a new one. */
  take(): Buffer {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(largeBytes);
  }

  /** Nobody reads this one any more. */
  give(buffer: Buffer): void {
    if (this.#spare.length < spareMax) this.#spare.push(buffer);
  }
}
