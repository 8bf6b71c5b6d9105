import type { CredentialProvider, Credentials } from "./credentials.ts";
import { credentialsUnavailable } from "./credentials-unavailable.ts";
import { guardCredentials } from "./guarded-credentials.ts";
import { publicProvider } from "./provider-failure.ts";

/** Why a source has nothing: nobody set it up. One that is set up and fails rejects instead. */
export interface Absence {
  readonly absent: string;
}

/** A place where credentials may be. */
export interface CredentialSource {
  /** As a phrase within a sentence. */
  readonly name: string;
  find(): Promise<Credentials | Absence>;
}

/** A source on its own: what it lacks is a failure, and what it finds does not print its secrets. */
export function providerOf(source: CredentialSource): CredentialProvider {
  return publicProvider(async () => {
    const found = await source.find();
    if ("absent" in found)
      throw credentialsUnavailable(`No credentials in ${source.name}: ${found.absent}`);
    return guardCredentials(found);
  });
}
