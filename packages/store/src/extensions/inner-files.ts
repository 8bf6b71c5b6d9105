import { prefixOf } from "../path.ts";
import type { StoreLike } from "./store-like.ts";

/**
 * Which paths of the outer store are files of the inner one. None are, unless both are of one driver and the root of the
 * inner one is a folder of the outer one.
 */
export function innerFiles(outer: StoreLike, inner: StoreLike): (path: string) => boolean {
  const driver = driverOf(outer);
  if (driver === undefined || driver !== driverOf(inner)) return none;
  const above = prefixOf(outer.resolve("").key);
  const root = prefixOf(inner.resolve("").key);
  if (root === above || !root.startsWith(above)) return none;
  return (path) => path.startsWith(root.slice(above.length));
}

function none(): boolean {
  return false;
}

/** Undefined for one that does not show it. */
function driverOf(store: StoreLike): object | undefined {
  try {
    return store.unwrap(Object);
  } catch {
    return undefined;
  }
}
