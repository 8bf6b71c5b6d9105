import type { IncomingMessage, ServerResponse } from "node:http";
import { s3Error, type S3Error } from "@holdfast/protocol";

/** A body as the stages see it. */
export interface RequestBody extends AsyncIterable<Buffer> {
  /** Undefined when only its end tells. */
  readonly contentLength: number | undefined;
  readonly isPresent: boolean;
  /** Bytes taken off the wire so far. */
  readonly bytesRead: number;
  /** Aborted once the client is gone before its answer was whole; absent where the gateway itself asks. */
  readonly left?: AbortSignal;
}

/**
 * The body of a request, read at most once and only when somebody asks: until then nothing is taken
 * off the socket, and a client that sent `Expect: 100-continue` is not told to go on.
 */
export class IncomingBody implements RequestBody {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #expectsContinue: boolean;
  #failure: S3Error | undefined;
  #wake: (() => void) | undefined;
  #started = false;
  #readers = 0;
  #left: AbortSignal | undefined;
  /** Bytes taken off the wire so far. */
  bytesRead = 0;

  constructor(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) {
    this.#request = request;
    this.#response = response;
    this.#expectsContinue = expectsContinue;
  }

  /** `Content-Length`; Node has refused any that is not a plain number. */
  get contentLength(): number | undefined {
    const value = this.#request.headers["content-length"];
    return value === undefined ? undefined : Number(value);
  }

  get isPresent(): boolean {
    const chunked = this.#request.headers["transfer-encoding"] !== undefined;
    return chunked || (this.contentLength ?? 0) > 0;
  }

  /** Nothing of it is left on the wire, so the connection can carry another request. */
  get isConsumed(): boolean {
    return !this.isPresent || this.#request.readableEnded;
  }

  get left(): AbortSignal {
    return (this.#left ??= leftSignal(this.#request, this.#response));
  }

  /** Whether a reader waits for the client at this moment. */
  get isWaiting(): boolean {
    return this.#wake !== undefined;
  }

  /** Ends the reading with this error: the client was too slow. */
  fail(error: S3Error): void {
    this.#failure = error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    if (!this.isPresent) return;
    this.#start();
    const request = this.#request;
    this.#readers += 1;
    const reader = this.#readers;
    // Who read before has lost interest, and may wait for bytes that come to the new one.
    this.#wake?.();
    const wake = (): void => this.#wake?.();
    for (const event of wakeEvents) request.on(event, wake);
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure;
        if (reader !== this.#readers) throw superseded();
        const chunk: Buffer | null = request.read();
        if (chunk !== null) {
          this.bytesRead += chunk.length;
          yield chunk;
        } else if (request.readableEnded) {
          return;
        } else if (request.destroyed) {
          throw disconnected(request);
        } else {
          await this.#next();
        }
      }
    } finally {
      for (const event of wakeEvents) request.off(event, wake);
    }
  }

  /**
   * Takes what is left off the wire and drops it, up to `bytesMax`. Closing a socket that still has
   * unread bytes sends a reset, and a reset can overtake the answer.
   */
  async drain(bytesMax: number): Promise<void> {
    if (this.#expectsContinue && !this.#started) return;
    const before = this.bytesRead;
    try {
      for await (const _ of this) {
        if (this.bytesRead - before > bytesMax) return;
      }
    } catch {
      // The client is gone, or too slow: there is nobody left to be polite to.
    }
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    if (this.#expectsContinue) this.#response.writeContinue();
  }

  #next(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

/** Made only for who asks: most requests are answered before anyone could leave. */
function leftSignal(request: IncomingMessage, response: ServerResponse): AbortSignal {
  const leaving = new AbortController();
  const closed = (): void => {
    if (!response.writableFinished) leaving.abort(disconnected(request));
  };
  if (response.destroyed) closed();
  else response.once("close", closed);
  return leaving.signal;
}

function superseded(): S3Error {
  return s3Error("IncompleteBody", undefined, { reason: "body_not_wanted" });
}

const wakeEvents = ["readable", "end", "close", "error"] as const;

function disconnected(request: IncomingMessage): S3Error {
  const cause = request.errored ?? undefined;
  return s3Error("IncompleteBody", undefined, { reason: "client_disconnected", cause });
}
