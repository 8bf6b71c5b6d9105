import { defaultMaxListeners, getMaxListeners, setMaxListeners } from "node:events";
import { WireFailure, type WireFailureFields } from "../errors/wire-failure.ts";

/** When an operation has to be over: when its caller says so, or when its time is. */
export class Deadline {
  /** Aborts at whichever comes first; undefined when neither can. */
  readonly signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #late: AbortController | undefined;
  readonly #endsAt: number;
  readonly #totalMs: number;

  static of(signal: AbortSignal | undefined, totalMs: number): Deadline {
    if (signal !== undefined) expectMany(signal);
    return totalMs === 0 && signal === undefined ? none : new Deadline(signal, totalMs);
  }

  constructor(signal: AbortSignal | undefined, totalMs: number) {
    this.#totalMs = totalMs;
    this.#endsAt = totalMs === 0 ? Infinity : performance.now() + totalMs;
    this.signal = signal;
    if (totalMs === 0) return;
    const late = new AbortController();
    this.#late = late;
    this.#timer = setTimeout(() => late.abort(), totalMs);
    this.signal = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  }

  /** Whether the time, and not the caller, ended it. */
  get passed(): boolean {
    return this.#late?.signal.aborted === true;
  }

  get leftMs(): number {
    return this.#endsAt === Infinity ? Infinity : this.#endsAt - performance.now();
  }

  /** The failure of an operation whose time is over; the last try's own is its cause. */
  failure(last: WireFailureFields | undefined): WireFailure {
    const message = `The operation did not end within its ${this.#totalMs} ms.`;
    const cause = last === undefined || last.code === "Aborted" ? undefined : new WireFailure(last);
    return new WireFailure({ code: "DeadlineExceeded", message, phase: last?.phase, cause });
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}

const none = new Deadline(undefined, 0);

/** Node takes an eleventh listener for a leak, but a signal may end any number of calls; each takes its own away. */
function expectMany(signal: AbortSignal): void {
  if (listenersMax(signal) === defaultMaxListeners) setMaxListeners(Infinity, signal);
}

function listenersMax(signal: AbortSignal): number {
  try {
    return getMaxListeners(signal);
  } catch {
    // Node 20 says that of a signal whose limit was set to 0, which is none.
    return Infinity;
  }
}
