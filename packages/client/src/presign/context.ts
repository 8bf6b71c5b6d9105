import type { Credentials } from "../credentials/credentials.ts";
import type { Endpoint } from "../endpoints/endpoint.ts";
import { checkTarget } from "../operations/check-target.ts";
import { publicError } from "../operations/perform.ts";
import type { ClientRow } from "../operations/rows.ts";
import { invalidInput } from "../operations/values.ts";

/** All that signing needs beside what is to be signed. */
export interface PresignContext {
  readonly credentials: Credentials;
  readonly region: string;
  readonly endpoint: Endpoint;
  /** Milliseconds since 1970, by the service's clock. */
  readonly now: number;
}

/** How long something signed holds. */
export interface ExpiryInput {
  /** 1 to 604,800, which is seven days; 3,600 by default. */
  readonly expiresSeconds?: number | undefined;
}

const expiresSecondsMax = 604_800;

/** How long it holds, in seconds. Throws a `WireFailure` for what S3 would refuse when it is too late. */
export function expiresSecondsOf({ expiresSeconds = 3600 }: ExpiryInput): number {
  const isAllowed = Number.isInteger(expiresSeconds) && expiresSeconds >= 1;
  if (isAllowed && expiresSeconds <= expiresSecondsMax) return expiresSeconds;
  throw invalidInput("expiresSeconds must be a whole number from 1 to 604,800.");
}

/** From when on it is refused: its own end, or that of the credentials where that is sooner. */
export function expiresAt({ credentials, now }: PresignContext, expiresSeconds: number): Date {
  // A signature knows no more of the time than its seconds.
  const end = Math.floor(now / 1000) * 1000 + expiresSeconds * 1000;
  return new Date(Math.min(end, credentials.expiration?.getTime() ?? end));
}

/** Runs what may throw a `WireFailure`, and throws an `S3Error` instead. */
export function signing<Output>(
  row: ClientRow,
  target: { readonly bucket: string; readonly key?: string | undefined },
  sign: () => Output,
): Output {
  try {
    checkTarget(row, target);
    return sign();
  } catch (error) {
    throw publicError(error, { row, target });
  }
}
