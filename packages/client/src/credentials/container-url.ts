import { variable, type Environment } from "./environment.ts";
import { invalidConfiguration } from "./invalid-configuration.ts";
import { isLoopback } from "./is-loopback.ts";

const relativeName = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
const fullName = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

const taskHost = "169.254.170.2";
/** ECS tasks and EKS pods: addresses of the host that a container runs on, so plain HTTP does not leave it. */
const hostLocal: readonly string[] = [taskHost, "169.254.170.23", "[fd00:ec2::23]"];

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

function urlOf(text: string, name: string): URL {
  // Without a cause: it would quote the text, which may hold a password.
  if (!URL.canParse(text)) throw invalidConfiguration(name, "no URL.");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    throw invalidConfiguration(name, "has a user name or password in it.");
  }
  return url;
}
