import type { CredentialProvider, Credentials } from "./credentials.ts";
import { providerOf, type Absence, type CredentialSource } from "./credential-source.ts";
import { variable, type Environment } from "./environment.ts";
import { invalidConfiguration } from "./invalid-configuration.ts";

/** Where to read environment variables. */
export interface EnvironmentOptions {
  /** `process.env` by default, read anew each time. */
  readonly environment?: Environment | undefined;
}

/** AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN and AWS_CREDENTIAL_EXPIRATION. */
export function fromEnvironment(options: EnvironmentOptions = {}): CredentialProvider {
  return providerOf(environmentSource(options));
}

/** The same as a link of a chain. One of the two keys without the other is a failure, and not an absence. */
export function environmentSource(options: EnvironmentOptions): CredentialSource {
  return {
    name: "the environment",
    // Async, so that what is wrong with a variable rejects.
    find: async () => read(options.environment ?? process.env),
  };
}

function read(environment: Environment): Credentials | Absence {
  const accessKeyId = variable(environment, "AWS_ACCESS_KEY_ID");
  const secretAccessKey = variable(environment, "AWS_SECRET_ACCESS_KEY");
  const sessionToken = variable(environment, "AWS_SESSION_TOKEN");
  if (accessKeyId === undefined && secretAccessKey === undefined) {
    return { absent: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set." };
  }
  if (accessKeyId === undefined) {
    throw invalidConfiguration("AWS_ACCESS_KEY_ID", "not set, but AWS_SECRET_ACCESS_KEY is.");
  }
  if (secretAccessKey === undefined) {
    throw invalidConfiguration("AWS_SECRET_ACCESS_KEY", "not set, but AWS_ACCESS_KEY_ID is.");
  }
  return { accessKeyId, secretAccessKey, sessionToken, expiration: expirationIn(environment) };
}

function expirationIn(environment: Environment): Date | undefined {
  const text = variable(environment, "AWS_CREDENTIAL_EXPIRATION");
  if (text === undefined) return undefined;
  const expiration = new Date(text);
  if (Number.isNaN(expiration.getTime())) {
    throw invalidConfiguration(
      "AWS_CREDENTIAL_EXPIRATION",
      "not a time as in 2030-01-31T12:00:00Z.",
    );
  }
  return expiration;
}
