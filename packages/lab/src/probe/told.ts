/** An error as structured fields tell it; nothing of a message's text. */
export interface ToldError {
  /** The class, of the error and of its causes, outermost first. */
  readonly names: readonly string[];
  /** Every code found in fields of the error and of its causes. */
  readonly codes: readonly string[];
  /** Every HTTP status found so. */
  readonly statuses: readonly number[];
  /** Whether it says that another try can help; undefined where it says neither. */
  readonly retryable?: boolean;
  /** False for what was thrown and is no Error. */
  readonly isError: boolean;
}

/** What came of an action, as the subject told it. */
export type Told =
  | { readonly outcome: "value"; readonly value: unknown }
  | { readonly outcome: "error"; readonly error: ToldError }
  /** It did not settle within the time that the scenario gives. */
  | { readonly outcome: "hung" }
  /** The process ended, by its code or signal. */
  | { readonly outcome: "died"; readonly how: string }
  /** It has no call for it. */
  | { readonly outcome: "unsupported"; readonly reason: string };
