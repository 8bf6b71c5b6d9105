/** What a check came to. `warn` does not keep a server from running. */
export interface Finding {
  readonly check: "node" | "port" | "directory" | "space" | "fsync" | "credential" | "clock";
  readonly status: "ok" | "warn" | "fail";
  readonly detail: string;
  /** What to do; absent when all is well. */
  readonly mend?: string;
}
