import type { DebianPackage } from "../interop/debian.ts";

/** A mistake that somebody could make in one place, and the tests that have to see it. */
export interface Defect {
  /** The promise that it breaks. */
  readonly row: "client" | "engine" | "gateway" | "interop" | "lab" | "signing" | "store";
  /** Completes the sentence "… is seen". */
  readonly name: string;
  /** The file that is changed, from the root of the workspace. */
  readonly file: string;
  /** What stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** Test files, from the root of the workspace. */
  readonly tests: readonly string[];
  /** A regular expression on the names of those tests, where the others would only take time. */
  readonly only?: string;
  /** The client of the interop suite that runs the tests; without one they are of `npm test`. */
  readonly client?: DebianPackage;
}
