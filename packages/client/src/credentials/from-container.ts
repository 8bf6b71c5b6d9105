import { readFile } from "node:fs/promises";
import { attempting } from "./attempting.ts";
import { readCredentialFields, readJsonObject } from "./credential-document.ts";
import { providerOf, type Absence, type CredentialSource } from "./credential-source.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { credentialsUnavailable } from "./credentials-unavailable.ts";
import { variable, type Environment } from "./environment.ts";
import { exchange } from "./exchange.ts";
import type { EnvironmentOptions } from "./from-environment.ts";
import { invalidConfiguration } from "./invalid-configuration.ts";
import { ServiceFailure } from "./service-failure.ts";

const relativeName = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const fullName = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
const tokenName = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
const tokenFileName = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";
const timeoutMs = 1000;

const taskHost = "169.254.170.2";
/** ECS tasks and EKS pods: addresses of the host that a container runs on, so plain HTTP does not leave it. */
const hostLocal: readonly string[] = [taskHost, "169.254.170.23", "[fd00:ec2::23]"];

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
  if (url === undefined) return { absent: `neither ${relativeName} nor ${fullName} is set.` };
  try {
    return await attempting(() => ask(url, environment));
  } catch (error) {
    if (!(error instanceof ServiceFailure)) throw error;
    throw credentialsUnavailable(`The container's service at ${url.host} failed.`, error);
  }
}

/** Where the variables say to ask, or undefined when they say nothing. Throws for a host that must not be trusted. */
export function containerUrl(environment: Environment): URL | undefined {
  const relative = variable(environment, relativeName);
  if (relative !== undefined) {
    // Anything else could be read as part of the host.
    if (!relative.startsWith("/"))
      throw invalidConfiguration(relativeName, "does not begin with /.");
    return urlOf(`http://${taskHost}${relative}`, relativeName);
  }
  const full = variable(environment, fullName);
  if (full === undefined) return undefined;
  const url = urlOf(full, fullName);
  if (url.protocol === "https:") return url;
  if (url.protocol === "http:" && (isLoopback(url.hostname) || hostLocal.includes(url.hostname))) {
    return url;
  }
  throw invalidConfiguration(
    fullName,
    `neither https, nor http to the loopback interface or one of ${hostLocal.join(", ")}.`,
  );
}

/** Whether a URL's host name is that of this machine's loopback interface. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}

function urlOf(text: string, name: string): URL {
  // Without a cause: it would quote the text, which may hold a password.
  if (!URL.canParse(text)) throw invalidConfiguration(name, "no URL.");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    throw invalidConfiguration(name, "has a user name or password in it.");
  }
  return url;
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
    return sendable((await readFile(file, "utf8")).trimEnd(), tokenFileName);
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
