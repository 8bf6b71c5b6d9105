import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";

/** How fast a long task may read. */
export interface Pace {
  /** Accounts for bytes that were read; resolves when the next may be. Throws the signal's reason. */
  spend(bytes: number): Promise<void>;
}

export interface PaceOptions {
  /** As fast as the disk when absent. */
  readonly bytesPerSecond?: number;
  readonly signal?: AbortSignal;
}

/** A pause is not worth a timer until this much is owed. */
const owedMsMin = 20;

/** A pace that over any stretch of time stays at the rate, but for the last bytes spent. */
export function pace({ bytesPerSecond, signal }: PaceOptions): Pace {
  let freeAtMs = performance.now();
  return {
    async spend(bytes) {
      signal?.throwIfAborted();
      if (bytesPerSecond === undefined) return;
      const now = performance.now();
      freeAtMs = Math.max(freeAtMs, now) + (bytes / bytesPerSecond) * 1000;
      const owedMs = freeAtMs - now;
      if (owedMs < owedMsMin) return;
      await setTimeout(owedMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
    },
  };
}
