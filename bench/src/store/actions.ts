import type { StoreSubject } from "./subject.ts";

/** What a store is asked to do, and the method that it needs for it. */
export type Action =
  | "write"
  | "read"
  | "stat"
  | "exists"
  | "delete"
  | "list"
  | "list-sizes"
  | "write-large"
  | "read-large";

/** The method of a subject that each action needs. */
export const actions: readonly (readonly [Action, keyof StoreSubject])[] = [
  ["write", "write"],
  ["read", "read"],
  ["stat", "stat"],
  ["exists", "exists"],
  ["delete", "delete"],
  ["list", "list"],
  ["list-sizes", "listSizes"],
  ["write-large", "write"],
  ["read-large", "readLarge"],
];
