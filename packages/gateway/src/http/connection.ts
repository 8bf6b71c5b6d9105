import type { Exchange } from "./exchange.ts";

/** Starts an exchange; the promise never rejects and resolves when its answer is out. */
type Start = () => readonly [exchange: Exchange, served: Promise<void>];

/**
 * Carries out the requests of one connection one after another, also when they were sent at once: a
 * GET behind a PUT sees it (RFC 9112, 9.3.2). What follows an answer that ends the connection is not
 * carried out at all: the two sides may not agree on where it begins.
 */
export class Connection {
  /** The newest that was started. */
  exchange: Exchange | undefined;
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;

  enqueue(start: Start): void {
    const isBusy = this.exchange !== undefined && this.exchange.phase !== "done";
    this.#tail = isBusy || this.#waiting > 0 ? this.#later(this.#tail, start) : this.#run(start);
  }

  async #later(before: Promise<void>, start: Start): Promise<void> {
    this.#waiting += 1;
    await before;
    this.#waiting -= 1;
    await this.#run(start);
  }

  async #run(start: Start): Promise<void> {
    if (this.exchange?.isLast === true) return;
    const [exchange, served] = start();
    this.exchange = exchange;
    await served;
  }
}
