import { contract, probe, subjects } from "@holdfast/lab";
import { expect, test } from "vitest";
import { installPeers, peersDirectory } from "../client/peers.ts";

/** Those are programs, which the interop suite's packages bring. */
const programs = new Set(["boto3", "aws", "s3cmd", "rclone"]);
const libraries = Object.keys(subjects).filter((name) => !programs.has(name));

const obstacle = installPeers();
if (obstacle !== undefined) console.log(`Not run: ${obstacle}`);

test.skipIf(obstacle !== undefined).each(libraries)(
  "%s does all that its adapter lists, with a server that works",
  async (name) => {
    const { subjects: reports } = await probe({
      subjects: [name],
      scenarios: contract,
      resolveFrom: peersDirectory,
    });
    const findings = reports.flatMap((one) => one.findings);
    const driven = findings.filter(({ verdict }) => verdict.is !== "not driven");
    const failed = driven.filter(({ verdict }) => verdict.is !== "pass");
    console.log(`${name}: ${driven.length} of ${findings.length} driven`);
    expect(
      failed.map(({ scenario, observed, verdict }) => [scenario.id, observed, verdict]),
    ).toEqual([]);
    expect(driven.length).toBeGreaterThanOrEqual(5);
  },
);
