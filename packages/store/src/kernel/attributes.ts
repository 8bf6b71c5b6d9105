import type { Attributes } from "../driver.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import type { Kernel } from "./kernel.ts";

/** What every backend that keeps metadata has room for: S3's limit, in bytes of names and values. */
const metadataBytesMax = 2048;

const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const printable = /^[ -~]+$/;

/**
 * What is to be kept beside a file's bytes, as it will be read back: names in lower case. Fails for what some backend
 * would change or refuse, and where the backend keeps nothing; an empty mapping asks for nothing.
 */
export function attributesOf(kernel: Kernel, { contentType, metadata }: Attributes): Attributes {
  if (contentType === undefined && metadata === undefined) return {};
  const entries = Object.entries(metadata ?? {}).map(canonicalEntry);
  if (contentType === undefined && entries.length === 0) return {};
  if (contentType !== undefined && !printable.test(contentType)) {
    throw refused("A content type is printable ASCII.");
  }
  const kept = Object.fromEntries(entries);
  if (Object.keys(kept).length < entries.length) {
    throw refused("Two metadata entries have one name but for its case.");
  }
  if (Buffer.byteLength(entries.flat().join("")) > metadataBytesMax) {
    throw refused(`Metadata has at most ${metadataBytesMax} bytes.`);
  }
  kernel.require("user_metadata");
  return { contentType, ...(entries.length > 0 && { metadata: kept }) };
}

function canonicalEntry([name, value]: readonly [string, unknown]): [string, string] {
  const lowerCase = name.toLowerCase();
  if (!token.test(lowerCase)) {
    throw refused("The name of a metadata entry has a character that none may have.");
  }
  if (typeof value !== "string" || /\p{Surrogate}/u.test(value)) {
    throw refused("The value of a metadata entry is text.");
  }
  return [lowerCase, value];
}

function refused(message: string): DriverFailure {
  return new DriverFailure({ kind: "invalid-request", message });
}
