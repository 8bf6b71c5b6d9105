import type { CredentialProvider, Credentials } from "./credentials.ts";
import type { CredentialSource } from "./credential-source.ts";
import { credentialsUnavailable } from "./credentials-unavailable.ts";
import { containerSource } from "./from-container.ts";
import { environmentSource } from "./from-environment.ts";
import { instanceMetadataSource } from "./from-instance-metadata.ts";
import { sharedFilesSource } from "./from-shared-files.ts";
import { webIdentitySource } from "./from-web-identity.ts";
import { guardCredentials } from "./guarded-credentials.ts";
import { publicProvider } from "./provider-failure.ts";
import type { SharedFilesOptions } from "./shared-files.ts";

/**
 * The first of AWS's sources that is set up: environment, shared files, web identity, container, instance metadata; a
 * `profile` given here leaves the environment out. One that is set up and fails ends the search, because the next
 * would sign as somebody else. When none is set up, the cause is an AggregateError with what each of them said.
 */
export function fromDefaultChain(options: SharedFilesOptions = {}): CredentialProvider {
  const sources: readonly CredentialSource[] = [
    ...(options.profile === undefined ? [environmentSource(options)] : []),
    sharedFilesSource(options),
    webIdentitySource(options),
    containerSource(options),
    instanceMetadataSource(options),
  ];
  return publicProvider(() => firstOf(sources));
}

async function firstOf(sources: readonly CredentialSource[]): Promise<Credentials> {
  const sayings: string[] = [];
  for (const source of sources) {
    const found = await source.find();
    if (!("absent" in found)) return guardCredentials(found);
    sayings.push(`In ${source.name}: ${found.absent}`);
  }
  const message = "No credentials were found.";
  const causes = sayings.map((saying) => new Error(saying));
  throw credentialsUnavailable(
    [message, ...sayings].join(" "),
    new AggregateError(causes, message),
  );
}
