import { summariseCauses } from "../errors/cause-summary.ts";

const warned = new WeakSet<object>();

/**
 * Calls a hook. What it throws, or its promise rejects with, changes nothing here and never ends the process: the first
 * failure of each hook is a warning of the process.
 */
export function tell<E>(hook: ((event: E) => unknown) | undefined, event: E): void {
  if (hook === undefined) return;
  try {
    const result = hook(event);
    if (result instanceof Promise) result.catch((error: unknown) => warn(hook, error));
  } catch (error) {
    warn(hook, error);
  }
}

function warn(hook: object, error: unknown): void {
  if (warned.has(hook)) return;
  warned.add(hook);
  const [summary] = summariseCauses(error);
  process.emitWarning(`A hook failed: ${summary?.name}: ${summary?.message}`, {
    type: "HoldfastWarning",
    code: "HOLDFAST_HOOK_FAILED",
  });
}
