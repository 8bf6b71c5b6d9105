import type { FailedCall } from "../errors/to-store-error.ts";
import { abortable } from "./abortable.ts";

/** One piece of work that any number wait for. */
interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/** Work that is done once for all who ask for it at the same time. It ends early when the last of them has gone. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** What the work under this name comes to. The caller's signal ends its own waiting alone. */
  async join(
    name: string,
    work: (signal: AbortSignal) => Promise<T>,
    { signal, ...call }: FailedCall & { readonly signal?: AbortSignal | undefined },
  ): Promise<T> {
    const flight = this.#flights.get(name) ?? this.#begin(name, work);
    flight.waiting += 1;
    try {
      return await abortable(flight.result, signal, call);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        this.#land(name, flight);
        flight.controller.abort();
      }
    }
  }

  /** Whoever asks from now on does not get what is under way. */
  detach(isMeant: (name: string) => boolean): void {
    for (const name of this.#flights.keys()) if (isMeant(name)) this.#flights.delete(name);
  }

  #begin(name: string, work: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const result = Promise.resolve().then(() => work(controller.signal));
    const flight: Flight<T> = { result, controller, waiting: 0 };
    this.#flights.set(name, flight);
    return flight;
  }

  #land(name: string, flight: Flight<T>): void {
    if (this.#flights.get(name) === flight) this.#flights.delete(name);
  }
}
