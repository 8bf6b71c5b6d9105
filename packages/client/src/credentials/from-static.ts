import type { CredentialProvider, Credentials } from "./credentials.ts";
import { guardCredentials } from "./guarded-credentials.ts";
import { publicFailure } from "./provider-failure.ts";

/** Credentials as given. Throws an `S3Error` at once when they can sign nothing. */
export function fromStatic(credentials: Credentials): CredentialProvider {
  const guarded = checked(credentials);
  return () => Promise.resolve(guarded);
}

function checked(credentials: Credentials): Credentials {
  try {
    return guardCredentials(credentials);
  } catch (error) {
    throw publicFailure(error);
  }
}
