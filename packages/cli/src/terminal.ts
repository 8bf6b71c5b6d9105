/** All that a command may know of the process it runs in. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without a leading `v`. */
  readonly nodeVersion: string;
  /** Aborted when the command is asked to stop. */
  readonly stop: AbortSignal;
  /** Calls whenever the process is asked to read its files again, until what it returns is called. */
  readonly onReload?: (listener: () => void) => () => void;
}

/** 0: done. 1: a check or the run failed. 2: something must be changed first, and nothing was done. */
export type ExitStatus = 0 | 1 | 2;
