import {
  auditOfEndpoint,
  endpointQuestions,
  EndpointUnusable,
  probeEndpoint,
  type EndpointReport,
} from "@holdfast/lab";
import type { Given } from "../admin/argument.ts";
import { ConfigError } from "../config/config-error.ts";
import type { ExitStatus } from "../terminal.ts";
import { assertWritable, giveReport } from "./give-report.ts";
import { knownIds } from "./known-ids.ts";
import { labOperands, labOptions } from "./lab-arguments.ts";
import type { LabSession } from "./lab-command.ts";

/** `holdfast probe endpoint`: 1 when it diverges from AWS, 2 when it cannot be asked at all. */
export async function probeAnEndpoint(given: Given, session: LabSession): Promise<ExitStatus> {
  const files = given.optional(labOptions.report) ?? [];
  await assertWritable(files);
  const report = await asked(given, session);
  return await giveReport({ report, audit: auditOfEndpoint(report), files }, session);
}

async function asked(given: Given, { terminal }: LabSession): Promise<EndpointReport> {
  const endpoint = given.required(labOperands.endpoint);
  const { bucket, profile, region, scenarios } = {
    bucket: given.optional(labOptions.bucket),
    profile: given.optional(labOptions.profile),
    region: given.optional(labOptions.region),
    scenarios: given.optional(labOptions.scenarios),
  };
  const only = knownIds(scenarios, endpointQuestions);
  const { AWS_REGION, AWS_DEFAULT_REGION } = terminal.env;
  try {
    return await probeEndpoint({
      endpoint,
      region: region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? "us-east-1",
      only,
      signal: terminal.stop,
      ...(bucket !== undefined && { bucket }),
      ...(profile !== undefined && { profile }),
    });
  } catch (error) {
    if (!(error instanceof EndpointUnusable)) throw error;
    throw new ConfigError(
      `${endpoint} cannot be asked: ${error.message}`,
      "give it credentials that may make a bucket by the environment or --profile, or a bucket with --bucket",
      { cause: error },
    );
  }
}
