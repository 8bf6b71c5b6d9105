/** How many endpoints are remembered; the one unused for longest makes room. */
const endpointsMax = 1_000;

/** One of something for each endpoint, made when first asked for. Bounded, however many endpoints there are. */
export class PerEndpoint<T> {
  readonly #make: (endpoint: string) => T;
  readonly #entries = new Map<string, T>();

  constructor(make: (endpoint: string) => T) {
    this.#make = make;
  }

  /** The one of this endpoint: scheme, host and port. */
  of(endpoint: string): T {
    const known = this.#entries.get(endpoint);
    const entry = known ?? this.#make(endpoint);
    // Set anew, so that the map's order is that of use.
    if (known !== undefined) this.#entries.delete(endpoint);
    this.#entries.set(endpoint, entry);
    if (this.#entries.size > endpointsMax) this.#dropOldest();
    return entry;
  }

  get size(): number {
    return this.#entries.size;
  }

  #dropOldest(): void {
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }
}
