import { startLab, type Lab } from "@holdfast/lab";
import type { Given } from "../admin/argument.ts";
import { awsVariables, exportLines, misleadingVariables } from "../commands/welcome.ts";
import { settings } from "../config/settings.ts";
import type { ExitStatus } from "../terminal.ts";
import { labOptions } from "./lab-arguments.ts";
import type { LabSession } from "./lab-command.ts";
import { howToSetFaults, runLab, type Announced } from "./run-lab.ts";

/** `holdfast lab serve`: until it is told to stop, and what it held is gone then. */
export function serveLab(given: Given, session: LabSession): Promise<ExitStatus> {
  const buckets = given.optional(labOptions.buckets) ?? [];
  const statusProfile = given.optional(labOptions.statusProfile) ?? settings.statusProfile.default;
  return runLab(given, session, {
    start: (common) => startLab({ ...common, buckets, statusProfile }),
    facts: ({ region, credentials }) => ({
      region,
      statusProfile,
      buckets,
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
    }),
    text: (lab, announced) => welcome(lab, { ...announced, buckets, statusProfile }),
  });
}

interface Welcomed extends Announced {
  readonly buckets: readonly string[];
  readonly statusProfile: string;
}

function welcome(lab: Lab, { faults, seed, buckets, statusProfile }: Welcomed): string {
  const { endpoint, region, credentials } = lab;
  return `The lab is ready: an S3 endpoint that fails as it is told. What it holds is gone when it stops.

  endpoint           ${endpoint}
  access key id      ${credentials.accessKeyId}
  secret access key  ${credentials.secretAccessKey}
  region             ${region}
  status profile     ${statusProfile}
  buckets            ${buckets.length === 0 ? "none yet" : buckets.join(", ")}
  faults             ${faults}
  seed               ${seed}

Paste this first, in the shell you work in:

unset ${misleadingVariables(endpoint).join(" ")}
${exportLines(awsVariables({ endpoint, region }, credentials))}
${howToSetFaults(endpoint)}
What clients left behind, and a clock that is an hour ahead:

curl ${endpoint}/-/lab/leftovers
curl -d '{"ms":3600000}' ${endpoint}/-/lab/skew

Ctrl+C stops it.
`;
}
