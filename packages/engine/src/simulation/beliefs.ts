import { Ledger, type State } from "./ledger.ts";

/** The writers of a simulated machine. */
export const writers = ["0", "1", "2"] as const;

/** The bucket that all of them share. */
export const sharedBucket = "shared";

/** The key of it that each of them tries to be the first to make. */
export const raceKey = "race";

/** The ledger of what is made before they begin. */
export const common = "common";

/** What is in an engine, by who changes it. */
export interface Seen {
  readonly states: ReadonlyMap<string, State>;
  /** The content of `raceKey`. */
  readonly winner: string | undefined;
}

/** What all writers were told. */
export class Beliefs {
  readonly #ledgers = new Map([common, ...writers].map((name) => [name, new Ledger()]));
  readonly #runners = new Set<string>();
  #winner: string | undefined;
  #wins = 0;

  /** As they are now, for a power cut to be held against. */
  clone(): Beliefs {
    const beliefs = new Beliefs();
    for (const [name, ledger] of this.#ledgers) beliefs.#ledgers.set(name, ledger.clone());
    for (const runner of this.#runners) beliefs.#runners.add(runner);
    beliefs.#winner = this.#winner;
    return beliefs;
  }

  ledger(name: string): Ledger {
    const ledger = this.#ledgers.get(name);
    if (ledger === undefined) throw new Error(`${name} has no ledger`);
    return ledger;
  }

  /** Writes that were answered since it was made or cloned. */
  get answers(): number {
    let answers = this.#wins;
    for (const ledger of this.#ledgers.values()) answers += ledger.answers;
    return answers;
  }

  /** A writer tries to make `raceKey`. */
  runs(content: string): void {
    this.#runners.add(content);
  }

  loses(content: string): void {
    this.#runners.delete(content);
  }

  /** The write to `raceKey` was answered; says when another was before it. */
  wins(content: string): string | undefined {
    const before = this.#winner;
    this.#winner = content;
    this.#wins += 1;
    return before === undefined ? undefined : `both ${before} and ${content} were the first`;
  }

  /** Holds what a restart shows against it, and takes that for true from now on. Says what is wrong. */
  settle(seen: Seen): readonly string[] {
    const violations: string[] = [];
    for (const [name, ledger] of this.#ledgers) {
      const violation = ledger.settle(seen.states.get(name) ?? new Map());
      if (violation !== undefined) violations.push(`${name} ${violation}`);
    }
    const { winner } = seen;
    const possible = this.#winner === undefined ? [undefined, ...this.#runners] : [this.#winner];
    if (!possible.includes(winner)) {
      violations.push(`${raceKey} has ${winner} instead of ${possible.join(" or ")}`);
    }
    this.#winner = winner;
    this.#runners.clear();
    return violations;
  }
}
