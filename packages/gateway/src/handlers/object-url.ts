import type { Authorized } from "../context.ts";
import { encodeKey } from "./list-parameters.ts";

/** Where the client finds the object that it asked about, by the name and the scheme that it asked with. */
export function objectUrl({
  isSecure,
  headers: { host = "" },
  bucket,
  key,
}: Pick<Authorized, "isSecure" | "headers" | "bucket" | "key">): string {
  return `${isSecure ? "https" : "http"}://${host}/${bucket}/${encodeKey(key)}`;
}
