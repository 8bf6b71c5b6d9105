import { observed } from "../observed-store.ts";
import type { StoreLike } from "../store-like.ts";

/** A store, and the calls that reach it. */
export function counted(inner: StoreLike): { readonly store: StoreLike; readonly calls: string[] } {
  const calls: string[] = [];
  const store = observed(inner, (event) => {
    if (event.type === "start") calls.push(`${event.operation} ${event.path}`);
  });
  return { store, calls };
}
