import { attempting } from "./attempting.ts";
import { readCredentialFields, readJsonObject } from "./credential-document.ts";
import { providerOf, type Absence, type CredentialSource } from "./credential-source.ts";
import { containerUrl } from "./container-url.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { credentialsUnavailable } from "./credentials-unavailable.ts";
import { variable, type Environment } from "./environment.ts";
import { exchange } from "./exchange.ts";
import type { EnvironmentOptions } from "./from-environment.ts";
import { invalidConfiguration } from "./invalid-configuration.ts";
import { readSmallFile } from "./read-small-file.ts";
import { ServiceFailure } from "./service-failure.ts";

const tokenName = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const tokenFileName = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const timeoutMs = 1000;

/** The credentials of a container (ECS, EKS, CodeBuild, Greengrass), by the AWS_CONTAINER_ variables. */
export function fromContainer(options: EnvironmentOptions = {}): CredentialProvider {
  return providerOf(containerSource(options));
}

/** The same as a link of a chain: absent when neither URI is set. */
export function containerSource(options: EnvironmentOptions): CredentialSource {
  return {
    name: "the container's service",
    find: () => find(options.environment ?? process.env),
  };
}

async function find(environment: Environment): Promise<Credentials | Absence> {
  const url = containerUrl(environment);
  if (url === undefined)
    return { absent: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set." };
  try {
    return await attempting(() => ask(url, environment));
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    throw credentialsUnavailable(`The container's service at ${url.host} failed.`, error);
  }
}

async function ask(url: URL, environment: Environment): Promise<Credentials> {
  const token = await tokenIn(environment);
  const headers: Record<string, string> = { accept: "application/json" };
  if (token !== undefined) headers["authorization"] = token;
  const { status, bytes } = await exchange({ url, method: "GET", headers, timeoutMs });
  if (status !== 200) throw new ServiceFailure(`It answered with status ${status}.`, status);
  const fields = readJsonObject(bytes.toString());
  if (fields === undefined) throw new ServiceFailure("The answer is no JSON object.", status);
  return readCredentialFields(fields, "Token");
}

/** Read anew for each request, because whoever provides the file replaces it. */
async function tokenIn(environment: Environment): Promise<string | undefined> {
  const file = variable(environment, tokenFileName);
  if (file === undefined) return sendable(variable(environment, tokenName), tokenName);
  try {
    return sendable((await readSmallFile(file)).toString().trimEnd(), tokenFileName);
  } catch (cause) {
    throw credentialsUnavailable(`${tokenFileName}: the file cannot be used.`, cause);
  }
}

function sendable(token: string | undefined, name: string): string | undefined {
  if (token !== undefined && !/^[\x20-\x7e]+$/.test(token)) {
    throw invalidConfiguration(
      name,
      "the token is empty or has characters that no header may have.",
    );
  }
  return token;
}
