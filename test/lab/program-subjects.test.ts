import { contract, probe, subjects as adapters } from "@holdfast/lab";
import { expect, test } from "vitest";
import { installMissing } from "../interop/debian.ts";

const packages = {
  boto3: "python3-boto3",
  aws: "awscli",
  s3cmd: "s3cmd",
  rclone: "rclone",
} as const;

const missing = installMissing(console.log, Object.values(packages));

for (const [name, debian] of Object.entries(packages)) {
  const reason = missing[debian];
  if (reason !== undefined) console.log(`Not run: ${reason}`);
  test.skipIf(reason !== undefined)(
    `${name} does all that its adapter lists, with a server that works`,
    { timeout: 300_000 },
    async () => {
      const { subjects } = await probe({ subjects: [name], scenarios: contract, patience: 3 });
      const findings = subjects.flatMap((one) => one.findings);
      const driven = findings.filter(({ verdict }) => verdict.is !== "not driven");
      const failed = driven.filter(({ verdict }) => verdict.is !== "pass");
      console.log(`${name}: ${driven.length} of ${findings.length} driven`);
      expect(
        failed.map(({ scenario, observed, verdict }) => [scenario.id, observed, verdict]),
      ).toEqual([]);
      const listed = (await adapters[name]?.())?.actions ?? [];
      const asked = contract.map(({ action }) => action.do).filter((one) => listed.includes(one));
      expect(new Set(driven.map(({ scenario }) => scenario.action.do))).toEqual(new Set(asked));
      expect(asked.length).toBeGreaterThan(0);
    },
  );
}
