import type { Scenario } from "./scenario.ts";
import type { Told } from "./told.ts";

/** In what way a subject does not say what happened. The gravest is first. */
export const divergences = [
  /** Bytes that were acknowledged are not there, or wrong ones are. */
  "loses data",
  /** It says success where it failed, or failure where it succeeded. */
  "lies",
  /** Its process ended. */
  "dies",
  "hangs",
  /** It tells another failure than the one that was. */
  "misnames",
  /** It tells a failure and not which. */
  "loses the name",
  /** Uploads stay open. */
  "leaves parts",
  /** It tries what cannot help, or does not try what could. */
  "retries wrongly",
] as const;

export type Divergence = (typeof divergences)[number];

export type Verdict =
  | { readonly is: "pass" }
  | { readonly is: "diverges"; readonly how: readonly Divergence[] }
  /** It has no call for it, or is not installed. Never counted as a pass. */
  | { readonly is: "not driven"; readonly reason: string }
  /** A fault never fired, or what the caller lacks was never asked for (0): nothing was learned, and the scenario fails. */
  | { readonly is: "not fired"; readonly faults: readonly number[] };

/** One subject in one scenario. */
export interface Finding {
  readonly scenario: Scenario;
  /** What the subject said, in a line. */
  readonly observed: string;
  /** What was below it: the server's code and status, or what the network did. */
  readonly underlying: string;
  readonly told?: Told;
  readonly verdict: Verdict;
  /** Of objects that the target speaks of: their bytes, or `absent`. */
  readonly stored: Readonly<Record<string, number | "absent">>;
  readonly openUploads: number;
  readonly requests: number;
}

export interface SubjectReport {
  readonly name: string;
  readonly version?: string;
  readonly findings: readonly Finding[];
}

/** Same seed, same subjects: the same report, but for the date. */
export interface Report {
  readonly seed: number;
  readonly date: string;
  readonly platform: string;
  readonly subjects: readonly SubjectReport[];
}
