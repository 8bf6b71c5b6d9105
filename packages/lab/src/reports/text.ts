import type { Audit, AuditColumn } from "./audit.ts";
import { offencesOf, tallyOf } from "./summary.ts";
import { verdictText } from "./verdict-text.ts";
import { visible } from "./visible.ts";

/** The widest that each column may be; the last one is as it is. */
const widthsMax = [40, 40, 36, 44, 36];

/** A report for a terminal: the audit's table of each subject, and who does what. Long texts are cut. */
export function textReport(audit: Audit): string {
  const tables = audit.columns.map((column) => `${titleOf(column)}\n\n${tableOf(column)}`);
  const offences = offencesOf(audit).map(({ divergence, subjects }) => {
    const who = subjects.map(
      ({ name, ids }) => `${visible(name)} (${ids.map(visible).join(", ")})`,
    );
    return `${divergence}: ${who.join("; ")}\n`;
  });
  return [...tables, ...(offences.length === 0 ? [] : [offences.join("")])].join("\n");
}

function titleOf(column: AuditColumn): string {
  const { name, version = "" } = column;
  const tally = tallyOf(column);
  const counts = Object.entries(tally).map(([is, count]) => `${count} ${is}`);
  return `${visible(`${name} ${version}`.trim())}: ${counts.join(", ")}`;
}

function tableOf({ rows }: AuditColumn): string {
  const cells = [
    ["", "SCENARIO", "TARGET", "OBSERVED", "UNDERLYING", "VERDICT"],
    ...rows.map(({ id, title, target, observed, underlying, verdict }) => [
      id,
      title,
      target,
      observed,
      underlying,
      verdictText(verdict),
    ]),
  ].map((row) => row.map((cell, index) => cut(visible(cell), widthsMax[index])));
  const widths = widthsMax.map((_, index) =>
    Math.max(...cells.map((row) => row[index]?.length ?? 0)),
  );
  return cells
    .map((row) => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function cut(text: string, length = Infinity): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
