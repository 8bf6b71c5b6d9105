import { variable, type Environment } from "./environment.ts";
import type { Setting } from "./ini.ts";
import { invalidConfiguration } from "./invalid-configuration.ts";
import { readSharedFiles, type SharedFiles, type SharedFilesOptions } from "./shared-files.ts";

/** What the environment and the shared files say of an S3 client, credentials aside. What is not set is undefined. */
export interface AwsConfig {
  readonly profile: string;
  readonly region: string | undefined;
  /** Where S3 is, with its scheme. */
  readonly endpointUrl: string | undefined;
  readonly stsEndpointUrl: string | undefined;
  readonly stsRegionalEndpoints: "legacy" | "regional" | undefined;
  readonly addressingStyle: "auto" | "path" | "virtual" | undefined;
  readonly requestChecksumCalculation: "when_required" | "when_supported" | undefined;
  readonly responseChecksumValidation: "when_required" | "when_supported" | undefined;
  /** Requests of one operation, the first included: 1 or more. */
  readonly maxAttempts: number | undefined;
  readonly retryMode: "adaptive" | "legacy" | "standard" | undefined;
  /** The path of a file in PEM. */
  readonly caBundle: string | undefined;
  readonly useFipsEndpoint: boolean | undefined;
  readonly useDualstackEndpoint: boolean | undefined;
  readonly useAccelerateEndpoint: boolean | undefined;
}

/** A value and the variable, or file and line, that it stands in. */
interface Found {
  readonly value: string;
  readonly where: string;
}

type Lookup = (variables: readonly string[], ...path: readonly string[]) => Found | undefined;

const checksumModes = ["when_required", "when_supported"] as const;

/**
 * Reads the settings that an S3 client has a use for: variables before files, as AWS's tools do. Rejects with
 * InvalidConfiguration, which names the variable, or the file and line, for a value that makes no sense.
 */
export async function readAwsConfig(options: SharedFilesOptions = {}): Promise<AwsConfig> {
  const environment = options.environment ?? process.env;
  const files = await readSharedFiles(options);
  const find = lookup(environment, files);
  return {
    profile: files.profile,
    region: region(find(["AWS_REGION", "AWS_DEFAULT_REGION"], "region")),
    endpointUrl: endpoint("s3", find, files),
    stsEndpointUrl: endpoint("sts", find, files),
    stsRegionalEndpoints: choice(find(["AWS_STS_REGIONAL_ENDPOINTS"], "sts_regional_endpoints"), [
      "legacy",
      "regional",
    ]),
    addressingStyle: choice(find([], "s3", "addressing_style"), ["auto", "path", "virtual"]),
    requestChecksumCalculation: choice(
      find(["AWS_REQUEST_CHECKSUM_CALCULATION"], "request_checksum_calculation"),
      checksumModes,
    ),
    responseChecksumValidation: choice(
      find(["AWS_RESPONSE_CHECKSUM_VALIDATION"], "response_checksum_validation"),
      checksumModes,
    ),
    maxAttempts: count(find(["AWS_MAX_ATTEMPTS"], "max_attempts")),
    retryMode: choice(find(["AWS_RETRY_MODE"], "retry_mode"), ["adaptive", "legacy", "standard"]),
    caBundle: find(["AWS_CA_BUNDLE"], "ca_bundle")?.value,
    useFipsEndpoint: flag(find(["AWS_USE_FIPS_ENDPOINT"], "use_fips_endpoint")),
    useDualstackEndpoint: flag(
      find(["AWS_USE_DUALSTACK_ENDPOINT"], "use_dualstack_endpoint") ??
        find([], "s3", "use_dualstack_endpoint"),
    ),
    useAccelerateEndpoint: flag(find([], "s3", "use_accelerate_endpoint")),
  };
}

function lookup(environment: Environment, { settings }: SharedFiles): Lookup {
  return (variables, ...path) => {
    for (const name of variables) {
      const value = variable(environment, name);
      if (value !== undefined) return { value, where: name };
    }
    return settingAt(settings, path);
  };
}

function settingAt(
  settings: ReadonlyMap<string, Setting> | undefined,
  [name = "", ...rest]: readonly string[],
): Setting | undefined {
  const setting = settings?.get(name);
  if (rest.length > 0) return settingAt(setting?.nested, rest);
  return setting?.value === "" ? undefined : setting;
}

/** The most specific endpoint: the service's variable, the common one, the service's setting, the common one. */
function endpoint(service: "s3" | "sts", find: Lookup, files: SharedFiles): string | undefined {
  const ignored = find(["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"], "ignore_configured_endpoint_urls");
  if (flag(ignored) === true) return undefined;
  const variables = [`AWS_ENDPOINT_URL_${service.toUpperCase()}`, "AWS_ENDPOINT_URL"];
  const found =
    find(variables) ??
    settingAt(servicesOf(files), [service, "endpoint_url"]) ??
    find([], service, "endpoint_url") ??
    find([], "endpoint_url");
  if (found === undefined) return undefined;
  // Without a cause: it would quote the text, which may hold a password.
  if (!URL.canParse(found.value)) throw invalidConfiguration(found.where, "is no URL.");
  const { protocol, username, password } = new URL(found.value);
  if (protocol !== "https:" && protocol !== "http:") {
    throw invalidConfiguration(found.where, "is neither http nor https.");
  }
  if (username !== "" || password !== "") {
    throw invalidConfiguration(found.where, "has a user name or password in it.");
  }
  return found.value;
}

function servicesOf(files: SharedFiles): ReadonlyMap<string, Setting> | undefined {
  const named = files.settings?.get("services");
  if (named === undefined) return undefined;
  const services = files.services.get(named.value);
  if (services !== undefined) return services;
  throw invalidConfiguration(named.where, "names a [services] section that is not there.");
}

function region(found: Found | undefined): string | undefined {
  // It becomes part of a host name.
  if (found === undefined || /^[a-z0-9-]{1,63}$/i.test(found.value)) return found?.value;
  throw invalidConfiguration(found.where, "is no region's name.");
}

function choice<T extends string>(found: Found | undefined, choices: readonly T[]): T | undefined {
  if (found === undefined) return undefined;
  const chosen = choices.find((one) => one === found.value.toLowerCase());
  if (chosen !== undefined) return chosen;
  throw invalidConfiguration(found.where, `is none of ${choices.join(", ")}.`);
}

function flag(found: Found | undefined): boolean | undefined {
  const chosen = choice(found, ["true", "false"]);
  return chosen === undefined ? undefined : chosen === "true";
}

function count(found: Found | undefined): number | undefined {
  if (found === undefined) return undefined;
  if (/^[1-9]\d{0,8}$/.test(found.value)) return Number(found.value);
  throw invalidConfiguration(found.where, "is no number from 1 on.");
}
