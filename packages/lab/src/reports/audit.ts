import type { Finding, Report, Verdict } from "../probe/report.ts";
import { targetText } from "./target-text.ts";

/** One scenario and what came of it, in words. What a server or a library said stands in it as it came. */
export interface AuditRow {
  /** The scenario's. */
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly target: string;
  readonly observed: string;
  readonly underlying: string;
  readonly verdict: Verdict;
}

/** All that was asked of one subject. */
export interface AuditColumn {
  readonly name: string;
  readonly version?: string | undefined;
  readonly rows: readonly AuditRow[];
}

/** What every form of a report shows. */
export interface Audit {
  readonly heading: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly columns: readonly AuditColumn[];
}

/** A report of subjects, in words. */
export function auditOf({ seed, date, platform, subjects }: Report): Audit {
  return {
    heading: "Who tells the truth about S3",
    facts: [
      ["date", date],
      ["platform", platform],
      ["seed", String(seed)],
    ],
    columns: subjects.map(({ name, version, findings }) => ({
      name,
      version,
      rows: findings.map(rowOf),
    })),
  };
}

function rowOf(finding: Finding): AuditRow {
  const { scenario, observed, underlying, verdict } = finding;
  const { id, title, why, target } = scenario;
  const left = leftText(finding);
  return {
    id,
    title,
    why,
    target: targetText(target),
    observed: left === "" ? observed : `${observed}; left: ${left}`,
    underlying,
    verdict,
  };
}

function leftText({ stored, openUploads }: Finding): string {
  const objects = Object.entries(stored).map(([key, bytes]) =>
    bytes === "absent" ? `${key} absent` : `${key} with ${bytes} bytes`,
  );
  const uploads =
    openUploads === 0 ? [] : [`${openUploads} open upload${openUploads === 1 ? "" : "s"}`];
  return [...objects, ...uploads].join(", ");
}
