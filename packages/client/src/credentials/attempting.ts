import { setTimeout as sleep } from "node:timers/promises";
import { ServiceFailure } from "./service-failure.ts";

const attemptsMax = 3;
const delayMs = 50;

/** Does it up to three times, while it fails with a `ServiceFailure` that may pass. */
export async function attempting<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt();
    } catch (error) {
      const again = error instanceof ServiceFailure && error.transient && attempts < attemptsMax;
      if (!again) throw error;
      await sleep(delayMs * 2 ** attempts * Math.random());
    }
  }
}
