import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readAwsConfig, type AwsConfig } from "./aws-config.ts";
import type { Environment } from "./environment.ts";
import { failureOf } from "./failure-of.test.support.ts";
import { stsEndpoint } from "./sts-endpoint.ts";
import { temporaryFiles, type TemporaryFiles } from "./temporary-files.test.support.ts";

let files: TemporaryFiles;
beforeEach(() => {
  files = temporaryFiles();
});
afterEach(() => files.remove());

function reading(config: string, variables: Environment = {}): Promise<AwsConfig> {
  const environment = { HOME: files.directory, ...variables };
  return readAwsConfig({ configFile: files.write("config", config), environment });
}

/** The settings that are there. */
const given = async (config: string, variables?: Environment): Promise<Partial<AwsConfig>> =>
  JSON.parse(JSON.stringify(await reading(config, variables)));

test("without files and variables nothing is set", async () => {
  const environment = { HOME: files.directory };
  const config = await readAwsConfig({ environment });
  expect(JSON.parse(JSON.stringify(config))).toEqual({ profile: "default" });
});

const everything = `[profile x]
region = eu-west-1
endpoint_url = http://all:1
sts_regional_endpoints = regional
request_checksum_calculation = WHEN_REQUIRED
response_checksum_validation = when_supported
max_attempts = 7
retry_mode = adaptive
ca_bundle = /etc/ca.pem
use_fips_endpoint = false
use_dualstack_endpoint = True
s3 =
  addressing_style = path
  use_accelerate_endpoint = false
`;

test("a profile's settings are read, with their nested ones", async () => {
  expect(await given(everything, { AWS_PROFILE: "x" })).toEqual({
    profile: "x",
    region: "eu-west-1",
    endpointUrl: "http://all:1",
    stsEndpointUrl: "http://all:1",
    stsRegionalEndpoints: "regional",
    addressingStyle: "path",
    requestChecksumCalculation: "when_required",
    responseChecksumValidation: "when_supported",
    maxAttempts: 7,
    retryMode: "adaptive",
    caBundle: "/etc/ca.pem",
    useFipsEndpoint: false,
    useDualstackEndpoint: true,
    useAccelerateEndpoint: false,
  });
});

test("variables go before files, and empty ones are none", async () => {
  const variables = {
    AWS_PROFILE: "x",
    AWS_DEFAULT_REGION: "us-west-2",
    AWS_STS_REGIONAL_ENDPOINTS: "legacy",
    AWS_REQUEST_CHECKSUM_CALCULATION: "when_supported",
    AWS_RESPONSE_CHECKSUM_VALIDATION: "WHEN_REQUIRED",
    AWS_MAX_ATTEMPTS: "1",
    AWS_RETRY_MODE: "standard",
    AWS_CA_BUNDLE: "/ca",
    AWS_USE_FIPS_ENDPOINT: "TRUE",
    AWS_USE_DUALSTACK_ENDPOINT: "",
  };
  expect(await given(everything, variables)).toMatchObject({
    region: "us-west-2",
    stsRegionalEndpoints: "legacy",
    requestChecksumCalculation: "when_supported",
    responseChecksumValidation: "when_required",
    maxAttempts: 1,
    retryMode: "standard",
    caBundle: "/ca",
    useFipsEndpoint: true,
    useDualstackEndpoint: true,
  });
  const both = { ...variables, AWS_REGION: "us-east-2" };
  expect((await reading(everything, both)).region).toBe("us-east-2");
});

test("the credentials file goes before the config file, setting by setting", async () => {
  const config = await readAwsConfig({
    environment: {},
    configFile: files.write("config", "[default]\nregion = a\nmax_attempts = 2"),
    credentialsFile: files.write("credentials", "[default]\nregion = b"),
  });
  expect([config.region, config.maxAttempts]).toEqual(["b", 2]);
});

describe("the endpoint", () => {
  const profile =
    "[default]\nservices = mine\nendpoint_url = http://4\ns3 =\n  endpoint_url = http://3\n";
  const service =
    "[services mine]\ns3 =\n  endpoint_url = http://2\nsts =\n  endpoint_url = http://t2\n";

  test("is the most specific one", async () => {
    const all = profile + service;
    const variables = { AWS_ENDPOINT_URL_S3: "http://0", AWS_ENDPOINT_URL: "http://1" };
    const urls = [
      (await reading(all, variables)).endpointUrl,
      (await reading(all, { AWS_ENDPOINT_URL: "http://1" })).endpointUrl,
      (await reading(all)).endpointUrl,
      (await reading(profile.replace("services = mine", ""))).endpointUrl,
      (await reading("[default]\nendpoint_url = http://4")).endpointUrl,
    ];
    expect(urls).toEqual(["http://0", "http://1", "http://2", "http://3", "http://4"]);
    expect((await reading(all)).stsEndpointUrl).toBe("http://t2");
    const sts = { AWS_ENDPOINT_URL_STS: "http://t0" };
    expect((await reading(all, sts)).stsEndpointUrl).toBe("http://t0");
  });

  test("is left out when configured ones are to be ignored", async () => {
    const variables = { AWS_ENDPOINT_URL_S3: "http://0" };
    const flag = { ...variables, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
    expect((await reading(profile + service, flag)).endpointUrl).toBeUndefined();
    const config = "[default]\nignore_configured_endpoint_urls = true";
    expect((await reading(config, variables)).endpointUrl).toBeUndefined();
    const off = { ...flag, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "false" };
    expect((await reading(config, off)).endpointUrl).toBe("http://0");
  });
});

describe("what makes no sense is refused with the place where it stands", () => {
  test.each([
    ["[default]\n\nregion = s3cr3t/x", "3"],
    ["[default]\nendpoint_url = s3cr3t", "2"],
    ["[default]\nendpoint_url = ftp://s3cr3t", "2"],
    ["[default]\nendpoint_url = http://user:s3cr3t@host", "2"],
    ["[default]\nmax_attempts = 0", "2"],
    ["[default]\nmax_attempts = 1.5", "2"],
    ["[default]\nretry_mode = s3cr3t", "2"],
    ["[default]\nuse_fips_endpoint = yes", "2"],
    ["[default]\ns3 =\n  addressing_style = s3cr3t", "3"],
    ["[default]\nservices = s3cr3t", "2"],
    ["[default]\nservices = a\n[services a]\ns3 =\n  endpoint_url = s3cr3t", "5"],
  ])("%j", async (config, line) => {
    const failure = await failureOf(reading(config));
    expect(failure.fields.code).toBe("InvalidConfiguration");
    expect(failure.message).toContain(`${files.directory}/config:${line}: `);
  });

  test.each([
    "AWS_REGION",
    "AWS_ENDPOINT_URL_S3",
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
  ])("%s", async (name) => {
    const failure = await failureOf(reading("", { [name]: "s3cr3t !" }));
    expect(failure.fields.code).toBe("InvalidConfiguration");
    expect(failure.message).toMatch(new RegExp(`^${name}: `));
  });
});

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

test(`any value of any setting is read or refused with its line (HOLDFAST_SEED=${seed})`, async () => {
  const name = fc.constantFrom(
    "region",
    "endpoint_url",
    "max_attempts",
    "retry_mode",
    "services",
    "s3",
    "use_fips_endpoint",
    "request_checksum_calculation",
    "ca_bundle",
  );
  const value = fc.string({ unit: "binary", maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(name, value, async (key, text) => {
      const outcome = await reading(`[default]\n${key} = ${text}`).then(
        () => "read",
        (error: unknown) => (error instanceof Error ? error.message : "no error"),
      );
      if (outcome !== "read") expect(outcome).toMatch(/\/config:\d+: /);
    }),
    { seed, numRuns: 200 },
  );
});

describe("where STS is", () => {
  const at = async (region: string, more = ""): Promise<string> =>
    stsEndpoint(await reading(`[default]\nregion = ${region}\n${more}`)).href;

  test.each([
    ["eu-west-1", "https://sts.eu-west-1.amazonaws.com/"],
    ["cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn/"],
    ["us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com/"],
    ["us-iso-east-1", "https://sts.us-iso-east-1.c2s.ic.gov/"],
    ["us-isob-east-1", "https://sts.us-isob-east-1.sc2s.sgov.gov/"],
    ["", "https://sts.amazonaws.com/"],
  ])("in %j: %s", async (region, url) => {
    expect(await at(region)).toBe(url);
  });

  test("as configured", async () => {
    expect(await at("us-east-1", "endpoint_url = https://x")).toBe("https://x/");
    expect(await at("us-east-1", "use_fips_endpoint = true")).toBe(
      "https://sts-fips.us-east-1.amazonaws.com/",
    );
    const legacy = "sts_regional_endpoints = legacy";
    expect(await at("us-east-1", legacy)).toBe("https://sts.amazonaws.com/");
    expect(await at("af-south-1", legacy)).toBe("https://sts.af-south-1.amazonaws.com/");
  });
});
