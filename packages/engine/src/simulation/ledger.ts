/** What was seen of the things that one writer alone changes, by name; a name that is not there has no value. */
export type State = ReadonlyMap<string, string>;

/** What an operation makes of them, all at once: undefined takes one away. */
export type Changes = ReadonlyMap<string, string | undefined>;

/** The id of an upload whose making was not answered. */
export const unknownId = "?";

/**
 * What one writer, who does one thing at a time, was told: the state after the last write that was
 * answered, and the write that was not answered yet.
 */
export class Ledger {
  #state: State;
  #pending: Changes | undefined;
  #answers = 0;

  constructor(state: State = new Map(), pending?: Changes) {
    this.#state = state;
    this.#pending = pending;
  }

  /** As it is now, for a power cut to be held against. */
  clone(): Ledger {
    return new Ledger(this.#state, this.#pending);
  }

  get state(): State {
    return this.#state;
  }

  /** Writes that were answered since it was made or cloned. */
  get answers(): number {
    return this.#answers;
  }

  begin(changes: Changes): void {
    this.#pending = changes;
  }

  /** The write under way was answered; `changes` when only the answer said what they are. */
  acknowledged(changes: Changes | undefined = this.#pending): void {
    if (changes !== undefined) this.#state = changed(this.#state, changes);
    this.#pending = undefined;
    this.#answers += 1;
  }

  /** The write under way was refused by an engine that goes on writing: nothing of it happened. */
  refused(): void {
    this.#pending = undefined;
  }

  /**
   * Holds what a restart shows against what was answered: the write that was not is there as a whole
   * or not at all. Says what is wrong, or takes what is there for true from now on.
   */
  settle(seen: State): string | undefined {
    const anonymous = withoutNewIds(seen, this.#state);
    const possible = [this.#state];
    if (this.#pending !== undefined) possible.push(changed(this.#state, this.#pending));
    if (!possible.some((state) => equal(state, anonymous))) {
      return `shows ${worded(anonymous)} instead of ${possible.map(worded).join(" or ")}`;
    }
    this.#state = seen;
    this.#pending = undefined;
    return undefined;
  }
}

function changed(state: State, changes: Changes): State {
  const result = new Map(state);
  for (const [name, value] of changes) {
    if (value === undefined) result.delete(name);
    else result.set(name, value);
  }
  return result;
}

function withoutNewIds(seen: State, known: State): State {
  const anonymous = new Map<string, string>();
  for (const [name, value] of seen) {
    const isNewUpload = name.startsWith("upload ") && !known.has(name);
    anonymous.set(isNewUpload ? name.replace(/[^ ]*$/, unknownId) : name, value);
  }
  return anonymous;
}

function equal(one: State, other: State): boolean {
  if (one.size !== other.size) return false;
  for (const [name, value] of one) if (other.get(name) !== value) return false;
  return true;
}

function worded(state: State): string {
  return `{${[...state]
    .map(([name, value]) => `${name}: ${value}`)
    .toSorted()
    .join(", ")}}`;
}
