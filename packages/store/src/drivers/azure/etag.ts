import { DriverFailure } from "../../errors/driver-failure.ts";

/** An etag as a store has it. Azure puts quotes around it in headers and none in listings. */
export function etagOf(header: string | undefined): string | undefined {
  return header?.replace(/^"(.*)"$/, "$1");
}

/** An etag as a condition has it. One that no blob can have fails as it would at Azure; a bare `*` would be any. */
export function quotedEtag(etag: string): string {
  if (/^[!#-~]+$/.test(etag)) return `"${etag}"`;
  throw new DriverFailure({ kind: "precondition-failed" });
}
