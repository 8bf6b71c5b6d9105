import type { Volume } from "../disk/volume.ts";
import type { IndexRepair } from "../index-repair.ts";
import type { ReopeningStore } from "../index/reopening-store.ts";

interface ApplierParts {
  readonly volume: Volume;
  readonly store: ReopeningStore;
  readonly takeOver: IndexRepair["takeOver"];
}

/** So much may be in the log and not in the index: as much again may be in the commit that is let in. */
const unappliedBytesMax = 8 * 1024 * 1024;

/** A look-up may have to pass through so many commits. */
const unappliedCommitsMax = 256;

/**
 * Applies to the index what is in the log, behind the answers: readers see it on top of the index
 * until then. One batch at a time, of all that waits when it begins.
 */
export class Applier {
  readonly #parts: ApplierParts;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(parts: ApplierParts) {
    this.#parts = parts;
  }

  /** Begins, unless it is under way, nothing waits or writing has ended: then the next start applies it. */
  begin(): void {
    const { volume, store } = this.#parts;
    if (this.#running !== undefined || this.#closed) return;
    if (store.held.commits === 0 || !volume.writable) return;
    this.#running = this.#apply().finally(() => {
      this.#running = undefined;
      if (store.held.commits > 0) this.beginSoon();
    });
  }

  /** Begins once what this turn of the event loop still has to do is done: answers go first. */
  beginSoon(): void {
    setImmediate(() => this.begin());
  }

  /** Resolves when there is memory for another commit, or writing has ended. */
  async admit(): Promise<void> {
    const { volume, store } = this.#parts;
    const isFull = (): boolean =>
      store.held.bytes > unappliedBytesMax || store.held.commits >= unappliedCommitsMax;
    while (isFull() && volume.writable) {
      this.begin();
      await this.#running;
    }
  }

  /** Resolves when the index has all that the log has; rejects when writing has ended before. */
  async drain(): Promise<void> {
    const { volume, store } = this.#parts;
    while (store.held.commits > 0) {
      volume.assertWritable();
      this.begin();
      await this.#running;
    }
  }

  /** Begins no more; resolves when what was begun has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #apply(): Promise<void> {
    try {
      await this.#parts.store.applyHeld();
    } catch (cause) {
      // What was answered stays in the log and in what readers see.
      await this.#parts.takeOver(cause);
    }
  }
}
