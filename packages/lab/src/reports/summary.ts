import { divergences, type Divergence, type Verdict } from "../probe/report.ts";
import type { Audit, AuditColumn } from "./audit.ts";

/** How often a subject came to each verdict. */
export type Tally = Readonly<Record<Verdict["is"], number>>;

/** Counts verdicts; what was not driven or not fired is no pass. */
export function tallyOf({ rows }: AuditColumn): Tally {
  const tally = { pass: 0, diverges: 0, "not driven": 0, "not fired": 0 };
  for (const { verdict } of rows) tally[verdict.is] += 1;
  return tally;
}

/** Whether any subject diverges or a fault never fired: whoever runs it for a check has failed it. */
export function isDivergent({ columns }: Audit): boolean {
  return columns.some((column) => {
    const tally = tallyOf(column);
    return tally.diverges > 0 || tally["not fired"] > 0;
  });
}

/** Who diverges in one way, and in which scenarios. */
export interface Offence {
  readonly divergence: Divergence;
  readonly subjects: readonly { readonly name: string; readonly ids: readonly string[] }[];
}

/** All ways to diverge that were seen, the gravest first. */
export function offencesOf({ columns }: Audit): readonly Offence[] {
  return divergences.flatMap((divergence) => {
    const subjects = columns.flatMap(({ name, rows }) => {
      const ids = rows.flatMap(({ id, verdict }) =>
        verdict.is === "diverges" && verdict.how.includes(divergence) ? [id] : [],
      );
      return ids.length === 0 ? [] : [{ name, ids }];
    });
    return subjects.length === 0 ? [] : [{ divergence, subjects }];
  });
}

/** A line of the matrix: a scenario, and what each subject came to, in the order of the columns. */
export interface MatrixRow {
  readonly id: string;
  readonly title: string;
  readonly why: string;
  readonly verdicts: readonly (Verdict | undefined)[];
}

/** Scenarios by subjects, in the order in which scenarios first appear. */
export function matrixOf({ columns }: Audit): readonly MatrixRow[] {
  const rows = new Map(
    columns.flatMap((column) => column.rows).map((row) => [row.id, row] as const),
  );
  return [...rows.values()].map(({ id, title, why }) => ({
    id,
    title,
    why,
    verdicts: columns.map((column) => column.rows.find((row) => row.id === id)?.verdict),
  }));
}
