import { DriverFailure } from "../../errors/driver-failure.ts";

const lengthMax = 1024;
const segmentsMax = 254;

/**
 * A key as the name of a blob. Azure would keep some under another name (a backslash becomes a slash, a dot at the end of
 * a segment is dropped) and refuses others; all of them are `invalid-path`.
 */
export function blobName(key: string): string {
  const segments = key.split("/");
  if (key.length > lengthMax || segments.length > segmentsMax) {
    throw invalid(
      `A name in Azure has at most ${lengthMax} characters and ${segmentsMax} segments.`,
    );
  }
  if (/[\p{Cc}\\]/u.test(key)) {
    throw invalid("A name in Azure has no backslash and no control character.");
  }
  if (segments.some((segment) => segment.endsWith("."))) {
    throw invalid("No segment of a name in Azure ends in a dot.");
  }
  return key;
}

/** Whether something may be below a folder; under a name that Azure does not keep there is nothing. */
export function isBlobName(key: string): boolean {
  try {
    blobName(key);
    return true;
  } catch {
    return false;
  }
}

function invalid(message: string): DriverFailure {
  return new DriverFailure({ kind: "invalid-path", message });
}
