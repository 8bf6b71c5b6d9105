/** Calls a hook. What it throws is uncaught, as an event listener's would be, and changes nothing here. */
export function tell<E>(hook: ((event: E) => void) | undefined, event: E): void {
  try {
    hook?.(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
