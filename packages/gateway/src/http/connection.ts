import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Exchange } from "./exchange.ts";

/** Starts an exchange; the promise never rejects and resolves when its answer is out. */
type Start = () => readonly [exchange: Exchange, served: Promise<void>];

/**
 * Carries out the requests of one connection one after another, also when they were sent at once: a
 * GET behind a PUT sees it (RFC 9112, 9.3.2), and no more than one answer waits for a client that
 * does not read. What follows an answer that ends the connection is not carried out at all: the two
 * sides may not agree on where it begins. Nor is what its client did not wait for.
 */
export class Connection {
  readonly #socket: Socket;
  /** The newest that was started. */
  exchange: Exchange | undefined;
  #newest: IncomingMessage | undefined;
  #tail: Promise<void> = Promise.resolve();
  #waiting = 0;
  #isBroken = false;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Whether every request that was begun has come whole. */
  get isComplete(): boolean {
    return this.#newest?.complete ?? true;
  }

  enqueue(request: IncomingMessage, start: Start): void {
    this.#newest = request;
    const isBusy = this.#waiting > 0 || this.exchange?.hasLeft === false;
    this.#tail = isBusy ? this.#later(() => this.#run(start)) : this.#run(start);
  }

  /** Calls `answer` behind all other answers, when the connection has not ended with one of them. */
  break(answer: () => void): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#tail = this.#later(async () => {
      if (!this.#isOver) answer();
    });
  }

  get #isOver(): boolean {
    return this.exchange?.isLast === true || this.#socket.destroyed || this.#socket.writableEnded;
  }

  async #later(run: () => Promise<void>): Promise<void> {
    const before = this.#tail;
    this.#waiting += 1;
    await before;
    await this.exchange?.left();
    this.#waiting -= 1;
    await run();
  }

  async #run(start: Start): Promise<void> {
    if (this.#isOver) return;
    const [exchange, served] = start();
    this.exchange = exchange;
    await served;
  }
}
