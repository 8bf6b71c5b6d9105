import type { Capability } from "../capability.ts";
import type { Driver } from "../driver.ts";
import type { Store } from "../store.ts";

/** A store on an empty backend, made for one cell. */
export interface Fixture {
  readonly driver: Driver;
  readonly store: Store;
  /** What the backend holds that no listing shows: temporary files, uploads under way. */
  leftovers(): Promise<readonly string[]>;
  /** Takes the backend away. */
  end(): Promise<void>;
}

/** A backend whose promises are to be tested. */
export interface Subject {
  readonly name: string;
  make(): Promise<Fixture>;
}

/** One promise of a store. */
export interface Cell {
  readonly id: string;
  /** What holds, in a sentence. */
  readonly promise: string;
  /** Without these the promise does not apply. */
  readonly needs?: readonly Capability[];
  /** Of which backends it is a promise; of both if it is left out. */
  readonly namespace?: "flat" | "tree";
  /** Rejects if it does not hold. */
  run(fixture: Fixture): Promise<void>;
}
