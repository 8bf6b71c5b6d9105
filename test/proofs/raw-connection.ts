import { connect, type Socket } from "node:net";
import { readAnswers, type Answer, type Answers } from "./answers.ts";

/** One connection on which a test says exactly what it wants. */
export class RawConnection {
  readonly socket: Socket;
  readonly #methods: readonly string[];
  readonly #pieces: Buffer[] = [];
  readonly #waiting = new Set<() => void>();
  /** The server ended the connection, or broke it. */
  closed = false;
  wasReset = false;

  private constructor(socket: Socket, methods: readonly string[]) {
    this.socket = socket;
    this.#methods = methods;
    socket.on("data", (bytes: Buffer) => {
      this.#pieces.push(bytes);
      this.#notify();
    });
    socket.on("error", () => (this.wasReset = true));
    socket.on("end", () => this.#end());
    socket.on("close", () => this.#end());
  }

  static open(port: number, methods: readonly string[] = []): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, noDelay: true });
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.off("error", reject);
        resolve(new RawConnection(socket, methods));
      });
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  get answers(): Answers {
    return readAnswers(this.bytes, this.#methods);
  }

  write(bytes: Buffer | string): void {
    if (!this.socket.destroyed)
      this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Resolves with what `read` yields once it yields something; rejects when that takes too long. */
  async until<Value>(read: () => Value | undefined, timeoutMs = 10_000): Promise<Value> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const value = read();
      if (value !== undefined) return value;
      if (this.closed)
        throw new Error(`closed after ${JSON.stringify(this.bytes.toString("latin1"))}`);
      await this.#next(deadline);
    }
  }

  /** The answer of this number, counted from 0. */
  answer(number = 0, timeoutMs?: number): Promise<Answer> {
    return this.until(() => this.answers.answers[number], timeoutMs);
  }

  /** Waits until the server has ended the connection. */
  async ended(timeoutMs = 10_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!this.closed) await this.#next(deadline);
  }

  /** Says that nothing more comes, and waits for the server to end, too. */
  async finish(timeoutMs?: number): Promise<Answers> {
    if (!this.closed) this.socket.end();
    await this.ended(timeoutMs);
    this.socket.destroy();
    return this.answers;
  }

  destroy(): void {
    this.socket.destroy();
  }

  #next(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(
        () => {
          this.#waiting.delete(wake);
          const had = JSON.stringify(this.bytes.toString("latin1").slice(0, 2000));
          reject(new Error(`nothing happened in time; the server had said ${had}`));
        },
        Math.max(0, deadline - performance.now()),
      );
      this.#waiting.add(wake);
    });
  }

  #end(): void {
    this.closed = true;
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#waiting) wake();
  }
}
