import { WireFailure } from "../errors/wire-failure.ts";
import type { BodySink, TransportBody } from "./transport.ts";

/** What a body comes from, as long as it has not come whole. */
interface BodySource {
  /** The reader wants more, and has all that there was. */
  wanted(): void;
  /** The reader has done with a piece before it wants the next. */
  reused(): void;
  /** The reader wants no more. */
  unwanted(): void;
}

interface Waiter {
  readonly resolve: (piece: Buffer | undefined) => void;
  readonly reject: (failure: WireFailure) => void;
}

/** How much lies ready for a slow reader before the other side is made to wait, in bytes. */
const readyBytesMax = 256 * 1024;

const nowhere: BodySink = { piece() {}, end() {}, failed() {} };

/** An answer's bytes between the connection, which gives them as they come, and whoever reads them. */
export class WireBody implements TransportBody {
  /** Undefined once all is over. */
  #source: BodySource | undefined;
  #ready: Buffer[] = [];
  #readyBytes = 0;
  #sink: BodySink | undefined;
  #waiter: Waiter | undefined;
  #failure: WireFailure | undefined;
  #release: (() => void) | undefined;
  readonly #wait = (
    resolve: (piece: Buffer | undefined) => void,
    reject: (failure: WireFailure) => void,
  ): void => {
    this.#waiter = { resolve, reject };
  };

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** Whether bytes lie here that nobody fetches: then it is not the other side that is late. */
  get isUnread(): boolean {
    return this.#readyBytes > 0;
  }

  /** Takes a piece from the connection; false when more should wait. */
  give(piece: Buffer): boolean {
    if (this.#sink !== undefined) {
      this.#sink.piece(piece);
      return true;
    }
    const waiter = this.#waiter;
    if (waiter !== undefined) {
      this.#waiter = undefined;
      waiter.resolve(piece);
      return true;
    }
    this.#ready.push(piece);
    this.#readyBytes += piece.length;
    return this.#readyBytes < readyBytesMax;
  }

  /** All bytes have been given; `release` is called once the reader has done with the last. */
  end(release?: () => void): void {
    this.#source = undefined;
    this.#sink?.end();
    if (this.#waiter === undefined) {
      this.#release = release;
    } else {
      this.#waiter.resolve(undefined);
      this.#waiter = undefined;
      release?.();
    }
  }

  /** No more bytes come; those that came are of no use to anyone. */
  fail(failure: WireFailure): void {
    if (this.#source === undefined) return;
    this.#source = undefined;
    this.#failure = failure;
    this.#drop();
    this.#sink?.failed(failure);
    this.#waiter?.reject(failure);
    this.#waiter = undefined;
  }

  next(): Promise<Buffer | undefined> {
    const piece = this.#ready.shift();
    if (piece !== undefined) {
      this.#readyBytes -= piece.length;
      return Promise.resolve(piece);
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#source === undefined) {
      this.#release?.();
      this.#release = undefined;
      return Promise.resolve(undefined);
    }
    const next = new Promise(this.#wait);
    this.#source.wanted();
    return next;
  }

  reuse(): void {
    this.#source?.reused();
  }

  pour(sink: BodySink): void {
    const ready = this.#ready;
    this.#drop();
    for (const piece of ready) sink.piece(piece);
    if (this.#failure !== undefined) {
      sink.failed(this.#failure);
    } else if (this.#source === undefined) {
      sink.end();
    } else {
      this.#sink = sink;
      this.#source.wanted();
    }
  }

  discard(): void {
    this.pour(nowhere);
  }

  destroy(): void {
    const source = this.#source;
    this.#drop();
    if (source === undefined) return;
    this.fail(aborted());
    source.unwanted();
  }

  #drop(): void {
    this.#ready = [];
    this.#readyBytes = 0;
  }
}

function aborted(): WireFailure {
  return new WireFailure({ code: "Aborted", phase: "body" });
}
