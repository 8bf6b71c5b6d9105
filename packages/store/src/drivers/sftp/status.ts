import { DriverFailure, type Failure, type FailureKind } from "../../errors/driver-failure.ts";

interface Meaning {
  readonly code: string;
  readonly kind: FailureKind;
}

/**
 * What a status is by its number alone. Where a request names a path, OpenSSH says `BAD_MESSAGE` of one that the server's
 * system does not take. A mere `FAILURE` says nothing: whoever gets one has to look.
 */
const meanings: Readonly<Record<number, Meaning>> = {
  1: { code: "SSH_FX_EOF", kind: "modified" },
  2: { code: "SSH_FX_NO_SUCH_FILE", kind: "not-found" },
  3: { code: "SSH_FX_PERMISSION_DENIED", kind: "forbidden" },
  4: { code: "SSH_FX_FAILURE", kind: "unknown" },
  5: { code: "SSH_FX_BAD_MESSAGE", kind: "invalid-path" },
  6: { code: "SSH_FX_NO_CONNECTION", kind: "unavailable" },
  7: { code: "SSH_FX_CONNECTION_LOST", kind: "unavailable" },
  8: { code: "SSH_FX_OP_UNSUPPORTED", kind: "unsupported" },
};

/** What a request was refused as. */
export function failureOfStatus(error: unknown): Failure {
  if (error instanceof DriverFailure) return error;
  const number = statusOf(error);
  const meaning = number === undefined ? undefined : meanings[number];
  return { kind: meaning?.kind ?? "unknown", code: meaning?.code, cause: error };
}

/** Whether it is because nothing is there. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 2;
}

/** Whether it is because there is no more. */
export function isEnd(error: unknown): boolean {
  return statusOf(error) === 1;
}

/** Whether the server gives no reason. */
export function isWithoutReason(error: unknown): boolean {
  return statusOf(error) === 4;
}

/** The number that a server answered with; without one there was no answer. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}
