import { createHook } from "node:async_hooks";

/** Watches timers from now on, those too that do not keep the process alive. */
export class TimerWatch {
  readonly #live = new Set<number>();
  readonly #hook = createHook({
    init: (id, type) => {
      if (type === "Timeout") this.#live.add(id);
    },
    destroy: (id) => {
      this.#live.delete(id);
    },
  }).enable();

  /** How many of the timers that were made since are neither over nor cleared. */
  get running(): number {
    return this.#live.size;
  }

  stop(): void {
    this.#hook.disable();
  }
}
