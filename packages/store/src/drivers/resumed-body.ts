import type { Readable } from "node:stream";
import { DriverFailure } from "../errors/driver-failure.ts";

/** A body that a backend sends over the network. */
export interface SentBody {
  /** How many bytes are due. */
  readonly bytes: number;
  readonly stream: Readable;
  /** What is left of the same bytes after that many; left out where a backend cannot give it. */
  readonly reopen?: ((done: number) => Promise<Readable>) | undefined;
  /** How often it may be opened again. */
  readonly reopensMax: number;
  /** How long it may give nothing, in milliseconds. */
  readonly idleMs: number;
}

/**
 * The bytes that are due, no fewer and no more. A stream that breaks off, ends early or stalls is gone on with where that
 * can be; else it is `unavailable` or `timeout`, never an end.
 */
export function resumedBody(body: SentBody): AsyncIterable<Uint8Array> {
  heard(body.stream);
  return { [Symbol.asyncIterator]: () => new Reader(body) };
}

class Reader implements AsyncIterator<Uint8Array> {
  readonly #body: SentBody;
  #stream: Readable;
  #pieces: AsyncIterator<unknown>;
  #done = 0;
  #reopens = 0;
  #isOver = false;

  constructor(body: SentBody) {
    this.#body = body;
    this.#stream = body.stream;
    this.#pieces = body.stream[Symbol.asyncIterator]();
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    while (!this.#isOver) {
      try {
        return await this.#step();
      } catch (error) {
        this.#stream.destroy();
        if (!isBreak(error) || !(await this.#goOn())) throw error;
      }
    }
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#isOver = true;
    // A generator that was not begun would leave its stream open.
    this.#stream.destroy();
    return Promise.resolve({ done: true, value: undefined });
  }

  async #step(): Promise<IteratorResult<Uint8Array>> {
    const { bytes, idleMs } = this.#body;
    const step = await within(idleMs, broken(this.#pieces.next()));
    if (step.done !== true && step.value instanceof Uint8Array) {
      this.#done += step.value.byteLength;
      if (this.#done > bytes) throw tooMany();
      return { done: false, value: step.value };
    }
    if (this.#done < bytes) throw breakOff("TruncatedBody", undefined);
    this.#isOver = true;
    return { done: true, value: undefined };
  }

  /** Whether there is a stream to go on with. */
  async #goOn(): Promise<boolean> {
    const { reopen, reopensMax } = this.#body;
    if (this.#isOver || reopen === undefined || this.#reopens === reopensMax) return false;
    this.#reopens += 1;
    const stream = heard(await reopen(this.#done));
    this.#stream = stream;
    this.#pieces = stream[Symbol.asyncIterator]();
    // Whoever reads may have ended it while it was being opened.
    if (this.#isOver) stream.destroy();
    return true;
  }
}

/** Before the first read, between two and after the last nobody listens, and an error without a listener ends the process. */
function heard(stream: Readable): Readable {
  return stream.on("error", ignore);
}

async function broken<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (cause) {
    throw breakOff(codeOf(cause), cause);
  }
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "TruncatedBody";
}

function breakOff(code: string, cause: unknown): DriverFailure {
  const message = "The body of the answer broke off.";
  return new DriverFailure({ kind: "unavailable", message, code, cause });
}

function tooMany(): DriverFailure {
  return new DriverFailure({ kind: "integrity", message: "More bytes came than were due." });
}

function isBreak(error: unknown): boolean {
  if (!(error instanceof DriverFailure)) return false;
  return error.kind === "unavailable" || error.kind === "timeout";
}

function within<T>(limitMs: number, step: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => {
      const message = "The body of the answer stalled.";
      reject(new DriverFailure({ kind: "timeout", message, code: "IdleTimeout" }));
    };
    const timer = setTimeout(late, limitMs);
    step.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function ignore(): void {}
