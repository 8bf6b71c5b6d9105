import type { AwsConfig } from "./aws-config.ts";

const suffixes: readonly (readonly [prefix: string, suffix: string])[] = [
  ["cn-", "amazonaws.com.cn"],
  ["us-iso-", "c2s.ic.gov"],
  ["us-isob-", "sc2s.sgov.gov"],
  ["us-isof-", "csp.hci.ic.gov"],
  ["eu-isoe-", "cloud.adc-e.uk"],
  ["eusc-", "amazonaws.eu"],
];

/** The regions that `sts_regional_endpoints = legacy` sends to the global endpoint, as AWS's reference of it lists them. */
const legacyRegions: ReadonlySet<string> = new Set([
  "ap-northeast-1",
  "ap-south-1",
  "ap-southeast-1",
  "ap-southeast-2",
  "aws-global",
  "ca-central-1",
  "eu-central-1",
  "eu-north-1",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "sa-east-1",
  "us-east-1",
  "us-east-2",
  "us-west-1",
  "us-west-2",
]);

/** Where STS is: as configured, or else in the region, or else the global one. */
export function stsEndpoint(config: AwsConfig): URL {
  const { stsEndpointUrl, region, stsRegionalEndpoints, useFipsEndpoint } = config;
  if (stsEndpointUrl !== undefined) return new URL(stsEndpointUrl);
  const global = stsRegionalEndpoints === "legacy" && legacyRegions.has(region ?? "");
  if (region === undefined || global) return new URL("https://sts.amazonaws.com");
  const suffix = suffixes.find(([prefix]) => region.startsWith(prefix))?.[1] ?? "amazonaws.com";
  return new URL(`https://${useFipsEndpoint === true ? "sts-fips" : "sts"}.${region}.${suffix}`);
}
