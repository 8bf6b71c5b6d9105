/** What a contender's process is told to do for a while. */
export interface Order<Action extends string = string> {
  readonly action: Action;
  /** Of the object, or keys of the listing: what one operation has to move. */
  readonly bytes: number;
  readonly inFlight: number;
  readonly durationMs: number;
}

/** What came of it, in the contender's own process. */
export interface Outcome {
  readonly done: number;
  readonly elapsedMs: number;
  /** User and system time. */
  readonly cpuMs: number;
  /** The most that the process ever had resident. */
  readonly peakMib?: number;
}

/** What a contender's process says: at first what it can do, then what came of each order. */
export interface Report {
  readonly actions?: readonly string[];
  readonly outcome?: Outcome;
}
