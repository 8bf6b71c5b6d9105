import { operations, s3Error, uriEncode, type OperationRow } from "@holdfast/protocol";
import type { Authorized, CopyOrigin } from "../context.ts";
import { unsupportedHeader } from "../handlers/supported-headers.ts";

/** S3 gives no more entries in a page; some servers give what they are asked for. */
const pageMax = 1000;
const pageSizes: ReadonlySet<string> = new Set(["max-keys", "max-parts", "max-uploads"]);

/**
 * The key as a path carries it, in the one spelling that every signature's reader agrees on. One whose `..` lead above the
 * bucket is refused, as S3 does: whoever takes dots for directions would be led to another tenant's bucket.
 */
function encodeKey(key: string): string {
  if (climbs(key)) throw s3Error("InvalidURI", undefined, { reason: "key_above_bucket" });
  return key.includes("/") ? key.split("/").map(uriEncode).join("/") : uriEncode(key);
}

/** Empty segments and `.` lead nowhere. */
function climbs(key: string): boolean {
  if (!key.includes("..")) return false;
  let depth = 0;
  for (const segment of key.split("/")) {
    if (segment === "..") depth -= 1;
    else if (segment !== "" && segment !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

/** Path and query for the upstream. What the operation takes goes on; `x-…`, which S3 ignores, does not. */
export function remoteTarget(
  { key, query, operation }: Pick<Authorized, "key" | "query" | "operation">,
  bucketInPath: string | undefined,
): string {
  const path = `${bucketInPath === undefined ? "" : `/${bucketInPath}`}/${encodeKey(key)}`;
  const { requires = [], takes = [] }: OperationRow = operations[operation];
  if (query.size === 0) return path;
  const parameters: string[] = [];
  for (const name of [...requires.map((one) => one.replace(/=.*/, "")), ...takes]) {
    const value = query.get(name);
    if (value === undefined) continue;
    const sent = pageSizes.has(name) ? boundedPage(value) : value;
    parameters.push(sent === "" ? uriEncode(name) : `${uriEncode(name)}=${uriEncode(sent)}`);
  }
  return parameters.length === 0 ? path : `${path}?${parameters.join("&")}`;
}

function boundedPage(value: string): string {
  // What is no number of S3 is the upstream's to refuse.
  const isCount = /^\d{1,10}$/.test(value) && Number(value) < 2 ** 31;
  return isCount && Number(value) > pageMax ? String(pageMax) : value;
}

/** `x-amz-copy-source` in the upstream's names; of versions the operation table knows nothing. */
export function remoteCopySource({ key, versionId, attachment }: CopyOrigin): string {
  if (versionId !== undefined) throw unsupportedHeader("x-amz-copy-source");
  if (attachment === undefined) throw new TypeError("the source of the copy is not attached");
  return `/${attachment.remoteBucket}/${encodeKey(key)}`;
}
