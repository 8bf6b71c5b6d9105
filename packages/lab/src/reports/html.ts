import type { Verdict } from "../probe/report.ts";
import type { Audit, AuditColumn } from "./audit.ts";
import { pageStyle } from "./page-style.ts";
import { matrixOf, offencesOf, tallyOf } from "./summary.ts";
import { shortVerdict, verdictText } from "./verdict-text.ts";
import { visible } from "./visible.ts";

/** A report as one page that needs nothing else: no script, no picture, no font, and a policy that allows none. */
export function htmlReport(audit: Audit): string {
  const { heading, facts, columns } = audit;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(heading)}</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${text(heading)}</h1>
<dl>${facts.map(([name, value]) => `<dt>${text(name)}</dt><dd>${text(value)}</dd>`).join("")}</dl>
<h2>Summary</h2>
${summaryTable(columns)}
${offences(audit)}${columns.length > 1 ? matrix(audit) : ""}${columns.map(findings).join("")}
<h2>Why it matters</h2>
<dl class="why">
${matrixOf(audit)
  .map(({ id, title, why }) => `<dt>${text(id)} ${text(title)}</dt><dd>${text(why)}</dd>`)
  .join("\n")}
</dl>
</main>
</body>
</html>
`;
}

function summaryTable(columns: readonly AuditColumn[]): string {
  const rows = columns.map((column) => {
    const { name, version = "" } = column;
    const tally = tallyOf(column);
    const counts = [tally.pass, tally.diverges, tally["not driven"], tally["not fired"]];
    const cells = [version, ...counts.map(String)].map((cell) => `<td>${text(cell)}</td>`);
    return `<tr><th scope="row">${text(name)}</th>${cells.join("")}</tr>`;
  });
  const headings = ["subject", "version", "pass", "diverges", "not driven", "not fired"];
  return tableOf(headings, rows);
}

function offences(audit: Audit): string {
  const items = offencesOf(audit).map(({ divergence, subjects }) => {
    const who = subjects.map(({ name, ids }) => `${text(name)} (${ids.map(text).join(", ")})`);
    return `<li><strong>${divergence}</strong>: ${who.join("; ")}</li>`;
  });
  return items.length === 0 ? "" : `<ul>${items.join("\n")}</ul>\n`;
}

function matrix(audit: Audit): string {
  const rows = matrixOf(audit).map(({ id, title, verdicts }) => {
    const cells = verdicts.map((verdict) => verdictCell(verdict, shortVerdict(verdict)));
    return `<tr><th scope="row">${text(id)} ${text(title)}</th>${cells.join("")}</tr>`;
  });
  const headings = ["scenario", ...audit.columns.map(({ name }) => name)];
  return `<h2>Matrix</h2>\n${tableOf(headings, rows)}\n`;
}

function findings(column: AuditColumn): string {
  const { name, version = "", rows } = column;
  const lines = rows.map(({ id, title, target, observed, underlying, verdict }) => {
    const said = [target, observed, underlying].map((one) => `<td>${text(one)}</td>`);
    const head = `<th scope="row">${text(id)} ${text(title)}</th>`;
    return `<tr>${head}${said.join("")}${verdictCell(verdict, verdictText(verdict))}</tr>`;
  });
  const headings = ["scenario", "target", "observed", "underlying", "verdict"];
  return `<h2>${text(`${name} ${version}`.trim())}</h2>\n${tableOf(headings, lines)}\n`;
}

function verdictCell(verdict: Verdict | undefined, said: string): string {
  const kind = verdict === undefined ? "none" : verdict.is.replace(" ", "-");
  return `<td class="${kind}">${text(said)}</td>`;
}

function tableOf(headings: readonly string[], rows: readonly string[]): string {
  const head = headings.map((heading) => `<th scope="col">${text(heading)}</th>`).join("");
  return `<div class="wide" tabindex="0"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table></div>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that HTML takes for nothing else, in an element or an attribute. */
function text(said: string): string {
  return visible(said).replaceAll(/[&<>"']/g, (mark) => entities[mark] ?? "");
}
