import { formatAmzDate } from "../dates.ts";
import { credentialScope, type CredentialScope } from "./credential-scope.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** Who signs. */
export interface SigningCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** What every signature needs beside the request. */
export interface SigningOptions {
  readonly credentials: SigningCredentials;
  readonly region: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Kept between requests, it spares four HMACs for each. */
  readonly keys: SigningKeys;
}

/** The date and scope that these options sign for. */
export function signingContext(options: Pick<SigningOptions, "now" | "region">): {
  readonly amzDate: string;
  readonly scope: CredentialScope;
} {
  const amzDate = formatAmzDate(options.now);
  return { amzDate, scope: credentialScope(amzDate.slice(0, 8), options.region) };
}
