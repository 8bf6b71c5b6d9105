import type { Report, Verdict } from "@holdfast/lab";

/** The matrix for programs: of each subject its verdicts by the id of the scenario. */
export interface PublishedReport {
  readonly seed: number;
  readonly date: string;
  readonly platform: string;
  readonly subjects: readonly PublishedSubject[];
}

interface PublishedSubject {
  readonly name: string;
  readonly version?: string | undefined;
  readonly findings: Readonly<Record<string, PublishedFinding>>;
}

interface PublishedFinding {
  readonly observed: string;
  readonly underlying: string;
  readonly verdict: Verdict;
}

/** Without the scenarios, which are the same for everyone and are data of the lab's. */
export function publishedReport({ seed, date, platform, subjects }: Report): PublishedReport {
  return {
    seed,
    date,
    platform,
    subjects: subjects.map(({ name, version, findings }) => ({
      name,
      version,
      findings: Object.fromEntries(
        findings.map(({ scenario, observed, underlying, verdict }) => [
          scenario.id,
          { observed, underlying, verdict },
        ]),
      ),
    })),
  };
}
