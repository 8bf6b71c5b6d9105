/** What the operator must change first, before anything was done. Exit 2. */
export class ConfigError extends Error {
  static {
    this.prototype.name = "ConfigError";
  }

  /** What is wrong, as a sentence without its full stop. */
  readonly problem: string;
  /** What to do about it, as one too. */
  readonly mend: string;

  constructor(problem: string, mend: string, options?: ErrorOptions) {
    super(`${problem}: ${mend}.`, options);
    this.problem = problem;
    this.mend = mend;
  }
}
