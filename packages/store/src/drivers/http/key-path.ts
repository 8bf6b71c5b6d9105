import { DriverFailure } from "../../errors/driver-failure.ts";

/**
 * A key below the path of a base URL, percent-encoded name by name: nothing in a key is a query, a fragment or an escape,
 * and none leads out of the base.
 */
export function keyPath(basePath: string, key: string): string {
  const names = key.split("/");
  if (names.some((name) => name === "." || name === "..")) {
    throw new DriverFailure({ kind: "invalid-path", message: "No name of a key is a dot or two." });
  }
  return `${basePath.replace(/\/+$/, "")}/${names.map(encodeURIComponent).join("/")}`;
}
