import { tell } from "@holdfast/client";
import type { StoreEvent, StoreStartEvent } from "./store-event.ts";

/** Told of what a store does, at once and in order; what it returns is ignored. */
export type StoreHook = (event: StoreEvent) => unknown;

let calls = 0;

/** One call as its hook is told of it: that it begins, and once that it ended. */
export class Observation {
  readonly #hook: StoreHook;
  readonly #of: Omit<StoreStartEvent, "type">;
  readonly #beganMs = performance.now();
  #counts: { readonly bytes?: number | undefined; readonly entries?: number | undefined } = {};
  #isOver = false;

  constructor(hook: StoreHook, call: Omit<StoreStartEvent, "id" | "type">) {
    calls += 1;
    this.#hook = hook;
    this.#of = { id: calls, ...call };
    tell(hook, { type: "start", ...this.#of });
  }

  /** What it comes to, told when it ends. */
  count(counts: {
    readonly bytes?: number | undefined;
    readonly entries?: number | undefined;
  }): void {
    this.#counts = counts;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    tell(this.#hook, { type: "end", ...this.#of, ...this.#soFar() });
  }

  fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const errorCode = error instanceof Error ? error.name : "Unknown";
    tell(this.#hook, { type: "error", ...this.#of, ...this.#soFar(), error, errorCode });
  }

  /** The same promise; its failure is the call's. */
  async orFailed<T>(promise: Promise<T>): Promise<T> {
    try {
      return await promise;
    } catch (error) {
      this.fail(error);
      throw error;
    }
  }

  /** The same bytes; the call is over when they are, however they end. */
  bytesOf(stream: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    const pieces = stream[Symbol.asyncIterator]();
    let bytes = 0;
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          const step = await this.orFailed(pieces.next());
          bytes += step.done === true ? 0 : step.value.byteLength;
          this.count({ bytes });
          if (step.done === true) this.end();
          return step;
        },
        return: async () => {
          this.end();
          await pieces.return?.();
          return { done: true, value: undefined };
        },
      }),
    };
  }

  #soFar(): { readonly durationMs: number } {
    const counted = Object.entries(this.#counts).filter(([, count]) => count !== undefined);
    return { durationMs: performance.now() - this.#beganMs, ...Object.fromEntries(counted) };
  }
}
