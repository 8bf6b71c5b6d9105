import { setMaxListeners } from "node:events";

/** A signal of one's own that also follows another. Whoever makes one must end it. */
export class LinkedSignal {
  readonly #controller = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #follow = (): void => {
    this.#controller.abort(this.#parent?.reason);
  };

  constructor(parent?: AbortSignal) {
    this.#parent = parent;
    // One listener for each call under way is what this is for.
    setMaxListeners(Infinity, this.#controller.signal);
    if (parent?.aborted) this.#follow();
    else parent?.addEventListener("abort", this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** Follows no longer. */
  end(): void {
    this.#parent?.removeEventListener("abort", this.#follow);
  }
}
