/** What is wrong at one place of a fault. */
export interface FaultIssue {
  /** Where within the fault, from the outside in; empty for the fault itself. */
  readonly path: readonly string[];
  /** Goes on from the name of the place, and says nothing of what stands there. */
  readonly problem: string;
  /** What to do about it, as a sentence without its full stop. */
  readonly mend: string;
}

/** Says what is wrong with a fault, place by place. */
export class FaultError extends TypeError {
  override readonly name = "FaultError";
  readonly code = "InvalidFault";
  readonly issues: readonly FaultIssue[];

  constructor(issues: readonly FaultIssue[]) {
    const texts = issues.map(
      ({ path, problem, mend }) => `${path.join(".") || "it"} ${problem}: ${mend}`,
    );
    super(`This is no fault: ${texts.join("; ")}.`);
    this.issues = issues;
  }
}
