import { randomInt } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sqliteCode } from "./sqlite-code.ts";

/** How long whoever needs the lock of a database waits for others to let go of it, in milliseconds. */
export const lockWaitMs = 30_000;

interface Patience {
  readonly waitMs: number;
  /** Once it is aborted, the attempt under way is the last. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Attempts again and again while others hold the lock, and rejects with SQLite's own `SQLITE_BUSY` after `waitMs`. The
 * library would wait on the calling thread, or on one of its few own, and the commit that lets go of the lock can be
 * queued behind just that.
 */
export async function untilUnlocked<T>(
  attempt: () => Promise<T>,
  { waitMs, signal }: Patience,
): Promise<T> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const isOver = signal?.aborted === true || performance.now() >= deadline;
      if (!isLocked(error) || isOver) throw error;
    }
    await sleep(randomInt(2, 20));
  }
}

/** Whether somebody else holds the lock that this failed for. */
export function isLocked(error: unknown): boolean {
  return sqliteCode(error)?.startsWith("SQLITE_BUSY") === true;
}
