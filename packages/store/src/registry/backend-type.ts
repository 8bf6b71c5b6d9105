import type { Keys, Values } from "../config/keys.ts";
import type { Problems, Spot } from "../config/problems.ts";
import type { Driver } from "../driver.ts";

/** A sort of backend that a config can name. */
export interface BackendType<K extends Keys = Keys> {
  /** One sentence for the reference. */
  readonly meaning: string;
  /** What may stand beside `type`. */
  readonly keys: K;
  /** What keys have to be given together, or not together. */
  check?(options: Values<K>, at: Spot, problems: Problems): void;
  /** A driver that, closed, leaves nothing open. */
  make(options: Values<K>): Driver;
}

/** Keeps a type's keys and its functions together while they are checked against each other. */
export function backendType<const K extends Keys>(type: BackendType<K>): BackendType<K> {
  return type;
}
