import type { BreakerVerdict } from "./breaker-verdict.ts";

/** Tells the breaker how a call ended; of a failure, the error decides whether it counts. */
type Settle = (lease: BreakerLease, said: BreakerVerdict, error?: unknown) => void;

/** Leave to make one call. Whoever has it says how the call ended; only the first word counts. */
export class BreakerLease {
  /** The breaker's generation when it was given. */
  readonly generation: number;
  /** When the next caller gets its place, by the breaker's clock. */
  readonly expiresAtMs: number;
  #settle: Settle | undefined;

  constructor(settle: Settle, generation: number, expiresAtMs: number) {
    this.#settle = settle;
    this.generation = generation;
    this.expiresAtMs = expiresAtMs;
  }

  succeed(): void {
    this.#end("success");
  }

  /** The call failed; the error decides whether that counts against the endpoint. */
  fail(error: unknown): void {
    this.#end("failure", error);
  }

  /** Nothing was learned: it was not sent, or the caller gave it up. */
  release(): void {
    this.#end("neutral");
  }

  #end(said: BreakerVerdict, error?: unknown): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(this, said, error);
  }
}
