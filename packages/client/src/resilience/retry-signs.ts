/** What an error says of trying again. */
export interface RetrySigns {
  /** When to come back, in seconds. */
  readonly retryAfter: number | undefined;
  /** Whether what failed may have happened all the same. */
  readonly ambiguous: boolean;
}

/** What an error says by its attributes `retryAfter` and `ambiguous`, whichever package's it is. */
export function retrySignsOf(error: unknown): RetrySigns {
  if (!(error instanceof Error)) return { retryAfter: undefined, ambiguous: false };
  const retryAfter = "retryAfter" in error ? error.retryAfter : undefined;
  return {
    retryAfter: typeof retryAfter === "number" ? retryAfter : undefined,
    ambiguous: "ambiguous" in error && error.ambiguous === true,
  };
}
