import { DriverFailure, type Failure, type FailureKind } from "../../errors/driver-failure.ts";

/** The protocol's numbers for how a request ended. */
export const status = {
  eof: 1,
  noSuchFile: 2,
  permissionDenied: 3,
  failure: 4,
  badMessage: 5,
  noConnection: 6,
  connectionLost: 7,
  unsupported: 8,
} as const;

/**
 * What a status is by its number alone. Where it names a path, OpenSSH says `BAD_MESSAGE` of one that the server's system
 * does not take. A mere `FAILURE` says nothing: whoever gets one has to look.
 */
const kindOfStatus: Readonly<Record<number, FailureKind>> = {
  [status.eof]: "modified",
  [status.noSuchFile]: "not-found",
  [status.permissionDenied]: "forbidden",
  [status.badMessage]: "invalid-path",
  [status.noConnection]: "unavailable",
  [status.connectionLost]: "unavailable",
  [status.unsupported]: "unsupported",
};

/** The number that a server answered with, if it did. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "number" ? error.code : undefined;
}

/** What a request was refused as. */
export function failureOfStatus(error: unknown): Failure {
  if (error instanceof DriverFailure) return error;
  const number = statusOf(error);
  return { kind: (number !== undefined && kindOfStatus[number]) || "unknown", cause: error };
}
