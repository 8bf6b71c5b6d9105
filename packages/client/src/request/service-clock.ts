/** The service's time: ours, corrected by what its answers say of it. */
export class ServiceClock {
  #offsetMs = 0;

  /** In milliseconds since 1970. */
  readonly now = (): number => Date.now() + this.#offsetMs;

  /** The service's clock less ours, in milliseconds, as far as it is known. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Takes the service's clock less ours, in milliseconds. */
  correct(offsetMs: number): void {
    this.#offsetMs = offsetMs;
  }
}
