import type { ClientRow } from "./rows.ts";
import { invalidInput } from "./values.ts";

/** What is named of what an operation acts on. */
interface Named {
  readonly bucket?: unknown;
  readonly key?: unknown;
}

/**
 * Refuses an operation whose bucket or key is missing: without it the request would be another operation's, and the
 * delete of an object that of its bucket.
 */
export function checkTarget({ target }: Pick<ClientRow, "target">, { bucket, key }: Named): void {
  if (target === "service") return;
  checkNamed("bucket", bucket);
  if (target === "object") checkNamed("key", key);
}

/** Refuses a name that is not there, or is no text. An empty bucket or key is refused with its own code, where it is addressed. */
export function checkNamed(what: "bucket" | "key" | "uploadId", name: unknown): void {
  if (typeof name === "string" && (name !== "" || what !== "uploadId")) return;
  throw invalidInput(`The ${what} is missing.`);
}
