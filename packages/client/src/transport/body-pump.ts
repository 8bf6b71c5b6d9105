import type { Socket } from "node:net";

/** How the sending of a source went. */
type Pumped =
  | "done"
  | "stopped"
  | {
      /** What is wrong with the source. */
      readonly cause: unknown;
      /** Whether all that was due was sent nevertheless. */
      readonly sentWhole: boolean;
    };

/** Sends what a source gives, reading no further from it than the connection takes. */
export class BodyPump {
  readonly #socket: Socket;
  readonly #source: AsyncIterable<Uint8Array>;
  readonly #due: number;
  #pieces: AsyncIterator<Uint8Array> | undefined;
  #stopped = false;

  /** `due` is how many bytes the source has to give. */
  constructor(socket: Socket, source: AsyncIterable<Uint8Array>, due: number) {
    this.#socket = socket;
    this.#source = source;
    this.#due = due;
  }

  /** Resolves when all has been given to the connection, or cannot be. Never rejects. */
  async run(): Promise<Pumped> {
    const due = this.#due;
    let sent = 0;
    try {
      const pieces = this.#source[Symbol.asyncIterator]();
      this.#pieces = pieces;
      for await (const piece of { [Symbol.asyncIterator]: () => pieces }) {
        if (this.#stopped) return "stopped";
        if (sent + piece.byteLength > due) {
          return { cause: wrongLength(sent + piece.byteLength, due), sentWhole: sent === due };
        }
        sent += piece.byteLength;
        if (this.#socket.write(piece)) continue;
        if (this.#socket.destroyed) return "stopped";
        await drained(this.#socket);
      }
    } catch (cause) {
      return { cause, sentWhole: sent === due };
    }
    this.#pieces = undefined;
    if (this.#stopped) return "stopped";
    return sent === due ? "done" : { cause: wrongLength(sent, due), sentWhole: false };
  }

  /** Reads no further, and does not wait for what is being read: it would hold what it holds for as long as it likes. */
  stop(): void {
    this.#stopped = true;
    this.#pieces?.return?.().catch(ignore);
    this.#pieces = undefined;
  }
}

function ignore(): void {}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.removeListener("drain", done);
      socket.removeListener("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });
}

function wrongLength(given: number, due: number): RangeError {
  return new RangeError(`the source gave ${given} bytes or more where ${due} were announced`);
}
