import { setTimeout as delay } from "node:timers/promises";

/** Resolves once `read` gives what is expected; otherwise with what it gives at the end. */
export async function eventually<Value>(
  read: () => Value | Promise<Value>,
  expected: Value,
  withinMs = 20_000,
): Promise<Value> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await read();
    if (value === expected || performance.now() > deadline) return value;
    await delay(10);
  }
}
