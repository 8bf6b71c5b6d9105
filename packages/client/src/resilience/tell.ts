import { summariseCauses } from "../errors/cause-summary.ts";

/** Calls a hook. What it throws, or its promise rejects with, is a warning of the process and changes nothing here. */
export function tell<E>(hook: ((event: E) => unknown) | undefined, event: E): void {
  try {
    const result = hook?.(event);
    if (result instanceof Promise) result.catch(warn);
  } catch (error) {
    warn(error);
  }
}

function warn(error: unknown): void {
  const [summary] = summariseCauses(error);
  process.emitWarning(`A hook failed: ${summary?.name}: ${summary?.message}`, {
    type: "HoldfastWarning",
    code: "HOLDFAST_HOOK_FAILED",
  });
}
