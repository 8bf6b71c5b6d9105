/** What a timer can count, in milliseconds: Node takes more for 1. */
const timerMsMax = 2 ** 31 - 1;

/** One timer for all that is due at some time, instead of one for each. */
export class Deadlines {
  readonly #sweep: (now: number) => number;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer fires. */
  #at = Infinity;

  /** `sweep` ends all that is late at a time of `performance.now()`, and returns when the next is due. */
  constructor(sweep: (now: number) => number) {
    this.#sweep = sweep;
  }

  /** Something is due then, in milliseconds of `performance.now()`. What was to come later need not be taken back. */
  note(at: number): void {
    if (at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    // Whoever waits has a socket, and that keeps the process alive.
    const ms = Math.max(1, Math.ceil(at - performance.now()));
    this.#timer = setTimeout(this.#due, Math.min(ms, timerMsMax)).unref();
  }

  /** Nothing is due any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#at = Infinity;
  }

  /** In a process that was held up, timers come before what was read meanwhile: that first, and then who is late. */
  readonly #due = (): void => {
    setImmediate(this.#fire);
  };

  readonly #fire = (): void => {
    // Cleared meanwhile, or for another time by now.
    if (this.#at === Infinity) return;
    this.#at = Infinity;
    const next = this.#sweep(performance.now());
    if (next < Infinity) this.note(next);
  };
}
