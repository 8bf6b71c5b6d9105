/** What a client's process is told to do for a while. */
export interface Order {
  readonly action: "put" | "get" | "list" | "put-large" | "get-large";
  /** Of the object, or keys of the page: what one operation has to move. */
  readonly bytes: number;
  readonly inFlight: number;
  readonly durationMs: number;
}

/** What came of it, in the client's own process. */
export interface Outcome {
  readonly done: number;
  readonly elapsedMs: number;
  /** User and system time. */
  readonly cpuMs: number;
}

/** What a client's process says: at first what it can do, then what came of each order. */
export interface Report {
  readonly actions?: readonly Order["action"][];
  readonly outcome?: Outcome;
}
