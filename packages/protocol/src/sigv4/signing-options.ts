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

/** When and for what something is signed. */
interface SigningContext {
  readonly amzDate: string;
  readonly scope: CredentialScope;
}

/** Most requests are signed in the same second, for the same region, as the one before. */
let last: (SigningContext & { readonly second: number }) | undefined;

/** The date and scope that these options sign for. */
export function signingContext({
  now,
  region,
}: Pick<SigningOptions, "now" | "region">): SigningContext {
  const second = Math.floor(now / 1000);
  if (last?.second === second && last.scope.region === region) return last;
  const amzDate = formatAmzDate(now);
  last = { second, amzDate, scope: credentialScope(amzDate.slice(0, 8), region) };
  return last;
}
