/** What the connection that a body comes from can be told. */
interface Flow {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** So much may lie here before the connection is told to wait. */
const heldBytesMax = 64 * 1024;

const nothing = Buffer.alloc(0);

/** The body of an upstream's answer on its way through: never more of it here than one piece past a bound. */
export class AnswerBody {
  readonly #flow: Flow;
  #pieces: Buffer[] = [];
  #heldBytes = 0;
  #heldBytesMax = heldBytesMax;
  #isPaused = false;
  #isWhole = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** The whole of it has come, whether or not it was read. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  push(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#heldBytes += piece.length;
    if (this.#heldBytes >= this.#heldBytesMax && !this.#isPaused) {
      this.#isPaused = true;
      this.#flow.pause();
    }
    this.#wake?.();
  }

  end(): void {
    this.#isWhole = true;
    this.#wake?.();
  }

  fail(cause: Error): void {
    this.#failure = cause;
    this.#wake?.();
  }

  /** Gives the connection up unless all has come; it cannot carry another request then. */
  cancel(): void {
    this.#pieces = [];
    if (!this.#isWhole && this.#failure === undefined) this.#flow.abort(new Error("not wanted"));
  }

  /** To be read once. Rejects with what broke the connection, at once: what it brought before is lost with it. */
  async *read(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const pieces = this.#pieces;
      if (pieces.length > 0) {
        this.#pieces = [];
        this.#heldBytes = 0;
        yield* pieces;
      } else if (this.#isWhole) {
        return;
      } else {
        await this.#next();
      }
    }
  }

  /** All of it, or undefined, and the connection given up, when it is more than `bytesMax`. */
  async gather(bytesMax: number): Promise<Buffer | undefined> {
    // Nobody takes a piece before the last, so it must not come to a halt for that.
    this.#heldBytesMax = bytesMax + 1;
    // What is small has come with its head, and nothing is waited for.
    while (!this.#isWhole && this.#failure === undefined && this.#heldBytes <= bytesMax) {
      await this.#next();
    }
    if (this.#failure !== undefined) throw this.#failure;
    const pieces = this.#pieces;
    if (this.#heldBytes > bytesMax) {
      this.cancel();
      return undefined;
    }
    const [only = nothing] = pieces;
    return pieces.length > 1 ? Buffer.concat(pieces) : only;
  }

  #next(): Promise<void> {
    if (this.#isPaused) {
      this.#isPaused = false;
      this.#flow.resume();
      // What lay in the parser comes before this returns.
      if (this.#pieces.length > 0 || this.#isWhole || this.#failure) return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
