import type { KeyRange } from "./keys.ts";
import { lowerBound } from "./lower-bound.ts";
import type { Change } from "./ordered-store.ts";

/** What one commit changed. */
export interface Layer {
  /** By the latin-1 form of the keys. */
  readonly byName: ReadonlyMap<string, Change>;
  /** Of keys and values. */
  readonly bytes: number;
}

/** What a change takes beside the bytes of its key and value, about (measured). */
const changeBytes = 320;

/** A commit that readers see, its names put in order when a walk asks first. */
class HeldLayer {
  readonly byName: Layer["byName"];
  readonly bytes: number;
  #names: readonly string[] | undefined;

  constructor({ byName, bytes }: Layer) {
    this.byName = byName;
    this.bytes = bytes + byName.size * changeBytes;
  }

  /** Latin-1 forms stand in the order of the bytes. */
  get names(): readonly string[] {
    return (this.#names ??= [...this.byName.keys()].toSorted());
  }
}

/** Commits that readers see on top of a store that does not have them yet, the oldest first. */
export class Unapplied {
  #layers: readonly HeldLayer[] = [];
  #bytes = 0;

  /** Those of now: what is held later is not among them, and what is dropped stays. */
  get layers(): readonly HeldLayer[] {
    return this.#layers;
  }

  get commits(): number {
    return this.#layers.length;
  }

  /** About what they take in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  add(layer: Layer): void {
    const held = new HeldLayer(layer);
    this.#layers = [...this.#layers, held];
    this.#bytes += held.bytes;
  }

  /** The newest change of the key of this name. */
  get(name: string): Change | undefined {
    for (let at = this.#layers.length - 1; at >= 0; at -= 1) {
      const change = this.#layers[at]?.byName.get(name);
      if (change !== undefined) return change;
    }
    return undefined;
  }

  /** Every change, in the order in which they were committed. */
  all(): readonly Change[] {
    const changes: Change[] = [];
    for (const { byName } of this.#layers) {
      for (const change of byName.values()) changes.push(change);
    }
    return changes;
  }

  /** Forgets the oldest `commits`. */
  drop(commits: number): void {
    for (const { bytes } of this.#layers.slice(0, commits)) this.#bytes -= bytes;
    this.#layers = this.#layers.slice(commits);
  }
}

/** The newest change of every key from `start`, inclusive, to `end`, exclusive, in order of the keys. */
export function changesWithin(
  layers: Unapplied["layers"],
  { start, end }: KeyRange,
): readonly Change[] {
  const [first, last] = [start.toString("latin1"), end.toString("latin1")];
  const newest = new Map<string, Change>();
  for (const { byName, names } of layers) {
    let at = lowerBound(names, (name) => name < first);
    for (; at < names.length; at += 1) {
      const name = names[at];
      const change = name === undefined || name >= last ? undefined : byName.get(name);
      if (name === undefined || change === undefined) break;
      newest.set(name, change);
    }
  }
  return [...newest].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
}
