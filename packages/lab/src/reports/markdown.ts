import type { Audit, AuditColumn } from "./audit.ts";
import { matrixOf, offencesOf, tallyOf } from "./summary.ts";
import { shortVerdict, verdictText } from "./verdict-text.ts";
import { visible } from "./visible.ts";

/** A report as Markdown. What others said is escaped: it stays text. */
export function markdownReport(audit: Audit): string {
  const { heading, facts, columns } = audit;
  const sections = [
    `# ${plain(heading)}`,
    facts.map(([name, value]) => `- ${plain(name)}: ${plain(value)}`).join("\n"),
    "## Summary",
    table(
      ["subject", "version", "pass", "diverges", "not driven", "not fired"],
      columns.map(tallyRow),
    ),
    ...offenceLines(audit),
    ...(columns.length > 1 ? ["## Matrix", matrixTable(audit)] : []),
    ...columns.flatMap((column) => [`## ${plain(nameOf(column))}`, findingsTable(column)]),
    "## Why it matters",
    matrixOf(audit)
      .map(({ id, title, why }) => `- **${plain(id)}** ${plain(title)}: ${plain(why)}`)
      .join("\n"),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function nameOf({ name, version }: AuditColumn): string {
  return version === undefined ? name : `${name} ${version}`;
}

function tallyRow(column: AuditColumn): readonly string[] {
  const tally = tallyOf(column);
  const counts = [tally.pass, tally.diverges, tally["not driven"], tally["not fired"]];
  return [column.name, column.version ?? "", ...counts.map(String)];
}

function offenceLines(audit: Audit): readonly string[] {
  const lines = offencesOf(audit).map(({ divergence, subjects }) => {
    const who = subjects.map(({ name, ids }) => `${plain(name)} (${ids.map(plain).join(", ")})`);
    return `- **${divergence}**: ${who.join("; ")}`;
  });
  return lines.length === 0 ? [] : [lines.join("\n")];
}

function matrixTable(audit: Audit): string {
  return table(
    ["", "scenario", ...audit.columns.map(({ name }) => name)],
    matrixOf(audit).map(({ id, title, verdicts }) => [id, title, ...verdicts.map(shortVerdict)]),
  );
}

function findingsTable({ rows }: AuditColumn): string {
  return table(
    ["", "scenario", "target", "observed", "underlying", "verdict"],
    rows.map(({ id, title, target, observed, underlying, verdict }) => [
      id,
      title,
      target,
      observed,
      underlying,
      verdictText(verdict),
    ]),
  );
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [
    headings.map(plain),
    headings.map(() => "---"),
    ...rows.map((row) => row.map(plain)),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Text that Markdown takes for nothing else: no markup, no further cell or line. */
function plain(text: string): string {
  return visible(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_{}[\]|~#>!]/g, String.raw`\$&`)
    .replaceAll(/\b(https?|ftp|mailto|xmpp):/gi, String.raw`$1\:`)
    .replaceAll(/\bwww\./gi, (www) => `${www.slice(0, -1)}\\.`);
}
