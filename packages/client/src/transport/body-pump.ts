import type { Socket } from "node:net";
import type { BodyPieces } from "./transport.ts";

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

/** Over TLS all of a write is encrypted at once and held, and nobody sees how much of it has left: in bytes. */
const secureBytesMax = 64 * 1024;

/** Sends what a source gives, reading no further from it than the connection takes. */
export class BodyPump {
  readonly #socket: Socket;
  readonly #source: BodyPieces;
  readonly #due: number;
  readonly #writeBytesMax: number;
  #pieces: AsyncIterator<Uint8Array | readonly Uint8Array[]> | undefined;
  #stopped = false;
  #isWriting = false;
  /** How much was handed to the connection, in bytes. */
  #sent = 0;

  /** `due` is how many bytes the source has to give. */
  constructor(socket: Socket, source: BodyPieces, due: number) {
    this.#socket = socket;
    this.#writeBytesMax = "encrypted" in socket ? secureBytesMax : Infinity;
    this.#source = source;
    this.#due = due;
  }

  /** Whether all that is due was handed to the connection, be the source at its end or not. */
  get isSentWhole(): boolean {
    return this.#sent === this.#due;
  }

  /** Whether it waits for the source, and the connection has taken what came before. */
  get isStarved(): boolean {
    return !this.#isWriting;
  }

  /** Resolves when all has been given to the connection, or cannot be. Never rejects. */
  async run(): Promise<Pumped> {
    const due = this.#due;
    try {
      const pieces = this.#source[Symbol.asyncIterator]();
      this.#pieces = pieces;
      for await (const piece of { [Symbol.asyncIterator]: () => pieces }) {
        if (this.#stopped) return "stopped";
        const given = this.#sent + lengthOf(piece);
        if (given > due) return { cause: wrongLength(given, due), sentWhole: this.isSentWhole };
        this.#isWriting = true;
        const isWritten = await (piece instanceof Uint8Array
          ? this.#write(piece)
          : this.#writeAll(piece));
        this.#isWriting = false;
        if (!isWritten) return "stopped";
      }
    } catch (cause) {
      // What a source says when it is no longer read is nobody's failure.
      if (this.#stopped) return "stopped";
      return { cause, sentWhole: this.isSentWhole };
    }
    this.#pieces = undefined;
    if (this.#stopped) return "stopped";
    return this.isSentWhole ? "done" : { cause: wrongLength(this.#sent, due), sentWhole: false };
  }

  /** False when nothing more is to be sent. */
  async #write(piece: Uint8Array): Promise<boolean> {
    for (let at = 0; at < piece.byteLength; at += this.#writeBytesMax) {
      const slice = piece.subarray(at, at + this.#writeBytesMax);
      this.#sent += slice.byteLength;
      await written(this.#socket, slice);
      if (this.#isOver) return false;
    }
    return true;
  }

  /** As `#write`, in one write but for where it has to be seen to move. */
  async #writeAll(pieces: readonly Uint8Array[]): Promise<boolean> {
    if (this.#writeBytesMax < Infinity) {
      for (const piece of pieces) if (!(await this.#write(piece))) return false;
      return true;
    }
    this.#socket.cork();
    let writing: Promise<void> | undefined;
    for (const piece of pieces) {
      this.#sent += piece.byteLength;
      writing = written(this.#socket, piece);
    }
    this.#socket.uncork();
    if (this.#socket.writableLength > 0) await writing;
    return !this.#isOver;
  }

  get #isOver(): boolean {
    return this.#stopped || this.#socket.destroyed;
  }

  /** Reads no further, and does not wait for what is being read: it would hold what it holds for as long as it likes. */
  stop(): void {
    this.#stopped = true;
    this.#pieces?.return?.().catch(ignore);
    this.#pieces = undefined;
  }
}

function lengthOf(given: Uint8Array | readonly Uint8Array[]): number {
  if (given instanceof Uint8Array) return given.byteLength;
  let length = 0;
  for (const piece of given) length += piece.byteLength;
  return length;
}

function ignore(): void {}

/** Resolves once the connection needs the bytes no more: a source may use its memory again. */
function written(socket: Socket, bytes: Uint8Array): Promise<void> | undefined {
  const writing = new Promise<void>((resolve) => {
    socket.write(bytes, () => resolve());
  });
  return socket.writableLength === 0 ? undefined : writing;
}

function wrongLength(given: number, due: number): RangeError {
  return new RangeError(`the source gave ${given} bytes or more where ${due} were announced`);
}
