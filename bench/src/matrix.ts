import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { auditOf, htmlReport, jsonReport, markdownReport, probe, subjects } from "@holdfast/lab";
import { installPeers, peersDirectory } from "./client/peers.ts";
import { publishedReport } from "./lab/published-report.ts";
import { summaryLine } from "./lab/summary-line.ts";

const pages = new URL("../../docs/reference/", import.meta.url);

const { values: options } = parseArgs({
  options: {
    /** Subjects by name; all of them when absent. Nothing is written then. */
    only: { type: "string", multiple: true },
    seed: { type: "string", default: "1" },
    /** How many subjects are asked at once. */
    concurrency: { type: "string", default: "4" },
  },
});

const obstacle = installPeers();
if (obstacle !== undefined) {
  process.stderr.write(`${obstacle}\n`);
  process.exit(1);
}

const startedMs = performance.now();
// The last are programs, which are the slowest: they begin first.
const played = await probe({
  subjects: (options.only ?? Object.keys(subjects)).toReversed(),
  seed: Number(options.seed),
  concurrency: Number(options.concurrency),
  resolveFrom: peersDirectory,
});
const report = { ...played, subjects: played.subjects.toReversed() };
for (const subject of report.subjects) process.stdout.write(`${summaryLine(subject)}\n`);
const seconds = Math.round((performance.now() - startedMs) / 1000);
process.stdout.write(`${report.subjects.length} subjects in ${seconds} s\n`);

if (options.only === undefined) {
  const audit = auditOf(report);
  await writeFile(new URL("fidelity-matrix.md", pages), markdownReport(audit));
  await writeFile(new URL("fidelity-matrix.html", pages), htmlReport(audit));
  await writeFile(new URL("fidelity-matrix.json", pages), jsonReport(publishedReport(report)));
}
