/** What is wrong at one place of a fault. */
export interface FaultIssue {
  /** Where within the fault, from the outside in; empty for the fault itself. */
  readonly path: readonly string[];
  /** Goes on from the name of the place: what it must be, and nothing of what it is. */
  readonly says: string;
}

/** Says what is wrong with a fault, place by place. */
export class FaultError extends TypeError {
  override readonly name = "FaultError";
  readonly code = "InvalidFault";
  readonly issues: readonly FaultIssue[];

  constructor(issues: readonly FaultIssue[]) {
    const texts = issues.map(({ path, says }) => `${path.join(".") || "it"} ${says}`);
    super(`This is no fault: ${texts.join("; ")}.`);
    this.issues = issues;
  }
}
