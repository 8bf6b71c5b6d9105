import type { CredentialProvider, Credentials } from "./credentials.ts";
import { guardCredentials } from "./guarded-credentials.ts";

/** Credentials as given. Throws at once when they can sign nothing. */
export function fromStatic(credentials: Credentials): CredentialProvider {
  const guarded = guardCredentials(credentials);
  return () => Promise.resolve(guarded);
}
