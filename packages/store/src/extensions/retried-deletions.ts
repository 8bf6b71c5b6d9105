import type { DeleteOutcome } from "../kernel/deletions.ts";
import { retryCall, type Retries } from "./retry-call.ts";
import type { StoreCall } from "./store-call.ts";

interface Deletions {
  readonly retries: Retries;
  readonly call: StoreCall;
  readonly deleteMany: (
    paths: readonly string[],
    signal: AbortSignal,
  ) => Promise<readonly DeleteOutcome[]>;
}

/** Deletes files, and tries again those that are still there and may yet go. Each has the outcome of its last try. */
export async function retriedDeletions(
  paths: readonly string[],
  { retries, call, deleteMany }: Deletions,
): Promise<readonly DeleteOutcome[]> {
  const outcomes: (DeleteOutcome | undefined)[] = paths.map(() => undefined);
  let left = paths.map((path, at) => ({ path, at }));
  try {
    await retryCall(retries, call, async ({ signal }) => {
      const asked = left;
      const answers = await deleteMany(
        asked.map(({ path }) => path),
        signal,
      );
      for (const [index, { at }] of asked.entries()) outcomes[at] = answers[index];
      left = asked.filter(({ at }) => retryableOf(outcomes[at]) !== undefined);
      const [failure] = left.map(({ at }) => retryableOf(outcomes[at]));
      if (failure !== undefined) throw failure;
    });
  } catch (error) {
    if (outcomes.includes(undefined)) throw error;
  }
  return outcomes.filter((outcome) => outcome !== undefined);
}

function retryableOf(outcome: DeleteOutcome | undefined): Error | undefined {
  return outcome?.deleted === false && outcome.error.retryable ? outcome.error : undefined;
}
