import { readFile } from "node:fs/promises";
import { readAwsConfig, type AwsConfig } from "../credentials/aws-config.ts";
import { fromDefaultChain } from "../credentials/from-default-chain.ts";
import type { SharedFilesOptions } from "../credentials/shared-files.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import type { S3ClientOptions } from "./settings.ts";

/** Which of AWS's settings to read, and what is to hold instead of them. */
export type AwsConfigOptions = SharedFilesOptions & Partial<S3ClientOptions>;

/**
 * The options that the environment and the shared files of AWS's tools make. Options that are given win. A setting
 * that changes where requests go and is not supported is refused; `retry_mode` has one meaning here.
 */
export async function optionsOfAws(given: AwsConfigOptions): Promise<S3ClientOptions> {
  const config = await readAwsConfig(given);
  refuseUnsupported(config);
  return {
    ...given,
    region: given.region ?? config.region,
    credentials: given.credentials ?? fromDefaultChain(given),
    endpoint: given.endpoint ?? config.endpointUrl,
    addressing: given.addressing ?? addressingOf(config),
    checksums: given.checksums ?? checksumsOf(config),
    attemptsMax: given.attemptsMax ?? config.maxAttempts,
    ca: given.ca ?? (await certificates(config.caBundle)),
  };
}

function refuseUnsupported(config: AwsConfig): void {
  const unsupported = {
    use_fips_endpoint: config.useFipsEndpoint,
    use_dualstack_endpoint: config.useDualstackEndpoint,
    use_accelerate_endpoint: config.useAccelerateEndpoint,
  };
  for (const [name, value] of Object.entries(unsupported)) {
    if (value === true) throw invalid(`${name} is not supported: give the endpoint itself.`);
  }
}

function addressingOf({ addressingStyle }: AwsConfig): S3ClientOptions["addressing"] {
  return addressingStyle === "virtual" ? "virtual-hosted" : addressingStyle;
}

/** `when_supported` is what `auto` does; whoever asks for less of either gets less of both. */
function checksumsOf(config: AwsConfig): S3ClientOptions["checksums"] {
  const modes = [config.requestChecksumCalculation, config.responseChecksumValidation];
  return modes.includes("when_required") ? "never" : undefined;
}

async function certificates(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new WireFailure({
      code: "InvalidConfiguration",
      message: `The file of certificates ${path} cannot be read.`,
      cause,
    });
  }
}

function invalid(message: string): WireFailure {
  return new WireFailure({ code: "InvalidConfiguration", message });
}
