import { attempting } from "./attempting.ts";
import { readCredentialFields, readJsonObject } from "./credential-document.ts";
import { providerOf, type Absence, type CredentialSource } from "./credential-source.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { credentialsUnavailable } from "./credentials-unavailable.ts";
import { variable, type Environment } from "./environment.ts";
import { exchange, type ServiceAnswer } from "./exchange.ts";
import type { EnvironmentOptions } from "./from-environment.ts";
import { invalidConfiguration } from "./invalid-configuration.ts";
import { ServiceFailure } from "./service-failure.ts";

const endpointName = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
const modeName = "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE";
const timeoutMs = 1000;
const rolesPath = "/latest/meta-data/iam/security-credentials/";

/** The credentials of an EC2 instance's role, by IMDSv2. The first version of that protocol is not spoken. */
export function fromInstanceMetadata(options: EnvironmentOptions = {}): CredentialProvider {
  return providerOf(instanceMetadataSource(options));
}

/** The same as a link of a chain: absent when turned off, when nothing answers, and when the instance has no role. */
export function instanceMetadataSource(options: EnvironmentOptions): CredentialSource {
  return {
    name: "the instance's metadata service",
    find: () => find(options.environment ?? process.env),
  };
}

async function find(environment: Environment): Promise<Credentials | Absence> {
  if (variable(environment, "AWS_EC2_METADATA_DISABLED")?.toLowerCase() === "true") {
    return { absent: "AWS_EC2_METADATA_DISABLED is true." };
  }
  const endpoint = endpointIn(environment);
  try {
    return await attempting(() => ask(endpoint));
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    throw credentialsUnavailable(
      `The instance's metadata service at ${endpoint.host} failed.`,
      error,
    );
  }
}

function endpointIn(environment: Environment): URL {
  const text = variable(environment, endpointName);
  if (text === undefined) return new URL(defaultEndpoint(environment));
  // Without a cause: it would quote the text, which may hold a password.
  if (!URL.canParse(text)) throw invalidConfiguration(endpointName, "no URL.");
  const url = new URL(text);
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw invalidConfiguration(endpointName, "neither http nor https.");
}

function defaultEndpoint(environment: Environment): string {
  const mode = variable(environment, modeName)?.toLowerCase() ?? "ipv4";
  if (mode === "ipv4") return "http://169.254.169.254";
  if (mode === "ipv6") return "http://[fd00:ec2::254]";
  throw invalidConfiguration(modeName, "neither IPv4 nor IPv6.");
}

async function ask(endpoint: URL): Promise<Credentials | Absence> {
  const token = await tokenOf(endpoint);
  if (typeof token !== "string") return token;
  const headers = { "x-aws-ec2-metadata-token": token };
  const get = (path: string): Promise<ServiceAnswer> =>
    exchange({ url: new URL(path, endpoint), method: "GET", headers, timeoutMs });
  const roles = await get(rolesPath);
  if (roles.status === 404) return { absent: "the instance has no role." };
  const [role = ""] = textOf(roles).split("\n");
  if (!/^[\w+=,.@-]{1,128}$/.test(role)) throw new ServiceFailure("It names no role.", 200);
  const fields = readJsonObject(textOf(await get(rolesPath + role)));
  if (fields === undefined) throw new ServiceFailure("The answer is no JSON object.", 200);
  const code = fields.get("Code");
  if (code !== undefined && code !== "Success") {
    throw new ServiceFailure("It says that the role's credentials could not be made.", 200);
  }
  return readCredentialFields(fields, "Token");
}

/** The session's token, or why there is no service to talk to. */
async function tokenOf(endpoint: URL): Promise<string | Absence> {
  const asked = await exchange({
    url: new URL("/latest/api/token", endpoint),
    method: "PUT",
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": "21600", "content-length": "0" },
    timeoutMs,
  }).catch((error: unknown) => {
    // The usual case on a machine that is no instance, and not worth a second try.
    if (error instanceof ServiceFailure && error.status === undefined) return undefined;
    throw error;
  });
  if (asked === undefined) return { absent: `nothing answers at ${endpoint.host}.` };
  if (asked.status === 403) return { absent: "the service is turned off for this instance." };
  const token = textOf(asked);
  if (!/^[\x21-\x7e]+$/.test(token)) throw new ServiceFailure("Its token cannot be sent.", 200);
  return token;
}

function textOf({ status, bytes }: ServiceAnswer): string {
  if (status === 200) return bytes.toString().trim();
  // 401: the session has ended meanwhile, and the next attempt begins another.
  const transient = status === 401 || status === 429 || status >= 500;
  throw new ServiceFailure(`It answered with status ${status}.`, status, { transient });
}
