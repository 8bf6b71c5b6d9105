import { setImmediate } from "node:timers/promises";

/** An apply begins in the turn after its commit; on a simulated disk it ends there, and so does what it fails with. */
const turns = 3;

/** Resolves when the engine of a simulated machine has done what it does behind its answers. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) await setImmediate();
}
