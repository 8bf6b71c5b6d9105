import { attempting } from "./attempting.ts";
import { readAwsConfig } from "./aws-config.ts";
import { providerOf, type Absence, type CredentialSource } from "./credential-source.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { credentialsUnavailable } from "./credentials-unavailable.ts";
import { variable } from "./environment.ts";
import { exchange } from "./exchange.ts";
import { invalidConfiguration } from "./invalid-configuration.ts";
import { readSmallFile } from "./read-small-file.ts";
import { ServiceFailure } from "./service-failure.ts";
import { isLoopback } from "./is-loopback.ts";
import type { SharedFilesOptions } from "./shared-files.ts";
import { readStsAnswer } from "./sts-answer.ts";
import { stsEndpoint } from "./sts-endpoint.ts";

const fileName = "AWS_WEB_IDENTITY_TOKEN_FILE";
const roleName = "AWS_ROLE_ARN";
const sessionName = "AWS_ROLE_SESSION_NAME";
const timeoutMs = 5000;

/** A role to take on, and who to be. */
export interface WebIdentity {
  readonly tokenFile: string;
  readonly roleArn: string;
  readonly roleSessionName: string | undefined;
}

/** A role taken on with a token from a file, by AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN (EKS and CI services). */
export function fromWebIdentity(options: SharedFilesOptions = {}): CredentialProvider {
  return providerOf(webIdentitySource(options));
}

/** The same as a link of a chain: absent when no token file is named. */
export function webIdentitySource(options: SharedFilesOptions): CredentialSource {
  return { name: "the web identity", find: () => find(options) };
}

async function find(options: SharedFilesOptions): Promise<Credentials | Absence> {
  const environment = options.environment ?? process.env;
  const tokenFile = variable(environment, fileName);
  const roleArn = variable(environment, roleName);
  if (tokenFile === undefined) return { absent: `${fileName} is not set.` };
  if (roleArn === undefined) throw invalidConfiguration(roleName, `not set, but ${fileName} is.`);
  const roleSessionName = variable(environment, sessionName);
  return assumeRoleWithWebIdentity({ tokenFile, roleArn, roleSessionName }, options);
}

/** Trades the file's token for a role's credentials at STS. The file is read anew each time, since it is rotated. */
export async function assumeRoleWithWebIdentity(
  identity: WebIdentity,
  options: SharedFilesOptions,
): Promise<Credentials> {
  const config = await readAwsConfig(options);
  const url = stsEndpoint(config);
  if (url.protocol !== "https:" && !isLoopback(url.hostname)) {
    throw invalidConfiguration("the endpoint of STS", "not https, so others could read the token.");
  }
  const ca = config.caBundle === undefined ? undefined : await readCaBundle(config.caBundle);
  try {
    return await attempting(() => ask({ identity, url, ca }));
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    throw credentialsUnavailable(`STS at ${url.host} gave no credentials for the role.`, error);
  }
}

interface Question {
  readonly identity: WebIdentity;
  readonly url: URL;
  readonly ca: string | undefined;
}

async function ask({ identity, url, ca }: Question): Promise<Credentials> {
  const body = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: identity.roleArn,
    RoleSessionName: identity.roleSessionName ?? `holdfast-${Date.now()}`,
    WebIdentityToken: await tokenIn(identity.tokenFile),
  }).toString();
  const headers = {
    "content-type": "application/x-www-form-urlencoded",
    "content-length": String(Buffer.byteLength(body)),
  };
  return readStsAnswer(await exchange({ url, method: "POST", headers, body, timeoutMs, ca }));
}

async function tokenIn(file: string): Promise<string> {
  try {
    return (await readSmallFile(file)).toString().trim();
  } catch (cause) {
    throw credentialsUnavailable(`The web identity's token file ${file} cannot be read.`, cause);
  }
}

async function readCaBundle(file: string): Promise<string> {
  try {
    return (await readSmallFile(file)).toString();
  } catch (cause) {
    throw invalidConfiguration(file, "the CA bundle cannot be read.", cause);
  }
}
