import type { TransportBody } from "@holdfast/client/transport";
import { UpstreamFailure } from "./upstream-failure.ts";

const nothing = Buffer.alloc(0);

/** The body of an upstream's answer on its way through: never more of it here than one piece past a bound. */
export class AnswerBody {
  readonly #source: TransportBody;

  constructor(source: TransportBody) {
    this.#source = source;
  }

  /** Gives the connection up unless all has come; it cannot carry another request then. */
  cancel(): void {
    this.#source.destroy();
  }

  /**
   * To be read once; a piece is the reader's until it asks for the next. Rejects with what broke the connection, at once:
   * what it brought before is lost with it.
   */
  async *read(): AsyncGenerator<Buffer, void, undefined> {
    this.#source.reuse();
    for (;;) {
      const piece = await this.#next();
      if (piece === undefined) return;
      yield piece;
    }
  }

  /** All of it, or undefined, and the connection given up, when it is more than `bytesMax`. */
  async gather(bytesMax: number): Promise<Buffer | undefined> {
    const pieces: Buffer[] = [];
    let length = 0;
    for (;;) {
      const piece = await this.#next();
      if (piece === undefined) break;
      pieces.push(piece);
      length += piece.length;
      if (length > bytesMax) {
        this.cancel();
        return undefined;
      }
    }
    const [only = nothing] = pieces;
    return pieces.length > 1 ? Buffer.concat(pieces, length) : only;
  }

  async #next(): Promise<Buffer | undefined> {
    try {
      return await this.#source.next();
    } catch (cause) {
      throw UpstreamFailure.of(cause);
    }
  }
}
