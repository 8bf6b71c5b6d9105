import { availableParallelism, loadavg } from "node:os";
import { table } from "../table.ts";
import type { Answered } from "./ask.ts";
import { barRatio } from "./questions.ts";

/** What one run found. */
export interface Run {
  readonly smallKeys: number;
  readonly largeKeys: number;
  readonly pages: number;
  readonly answers: readonly Answered[];
  readonly memory: { readonly pages: number; readonly smallMib: number; readonly largeMib: number };
}

function isMet({ question, ratio, large }: Answered): boolean {
  return ratio <= barRatio && large.ms < (question.barMs ?? Number.POSITIVE_INFINITY);
}

/** Whether every bar was met. */
export function allMet({ answers }: Run): boolean {
  return answers.every(isMet);
}

function row(answered: Answered): string[] {
  const { question, small, large, ratio, cpuRatio } = answered;
  const barMs = question.barMs === undefined ? "" : `, < ${question.barMs} ms`;
  return [
    question.asks,
    ratio.toFixed(2),
    cpuRatio.toFixed(2),
    `≤ ${barRatio}${barMs}`,
    isMet(answered) ? "met" : "**missed**",
    `${small.ms.toFixed(1)} (${small.cpuMs.toFixed(1)})`,
    `${large.ms.toFixed(1)} (${large.cpuMs.toFixed(1)})`,
  ];
}

/** The page of the docs. */
export function report(run: Run): string {
  const [small, large] = [run.smallKeys, run.largeKeys].map((keys) => keys.toLocaleString("en"));
  const { memory } = run;
  const heads = [
    "a page of",
    "× time",
    "× CPU time",
    "bar",
    "",
    `${small} keys, ms`,
    `${large} keys, ms`,
  ];
  return `# Listing

Written by \`npm run bench:listing\`. What a page costs in a bucket of ${large} keys as a multiple of what it costs in one
of ${small}, each in an engine of its own, both filled through the engine and not compacted. Pages are asked for in turns
in one process, ${run.pages} of each question, each pair at the same random place; medians. One run on one machine
(${availableParallelism()} cores, load ${(loadavg()[0] ?? 0).toFixed(1)}, Node ${process.versions.node}, ${process.platform}). CPU time, in brackets behind the time, is that of all threads.

Every bucket has 100 prefixes up to \`/\`, each with ten up to \`-\`, which share its keys, and a prefix up to \`=\` for each key.

${table(heads, run.answers.map(row))}
${memory.pages} further pages of 1,000 keys anywhere grew the process by ${memory.smallMib.toFixed(0)} MiB of anonymous memory at ${small} keys, then by
${memory.largeMib.toFixed(0)} MiB at ${large}. LevelDB's cache of blocks, 32 MiB at most, is part of it: the larger bucket fills it.

That the rows can fail: \`HOLDFAST_BENCH_SABOTAGE=scan npm run bench:listing -- --short\` finds the shared prefixes by
reading every key, and their bar is missed. What holds on every machine is counted instead of timed, in the engine's
\`listing/skip-scan.test.ts\`: the keys that are read for a page of prefixes, with and without seeks.

## Where the time goes

A page of keys is three parts: LevelDB's walk and the copies of its entries, the JSON of the records, and their
checksums. A prefix that covers many keys is a seek, about 5 µs, and a trip to the thread pool and back, about 20 µs of
CPU time at either size, and more of waiting where other processes want the processors. Where prefixes cover fewer than
about 16 keys it is cheaper to read on, and the listing does. A thousand prefixes that share 10,000 keys cover ten each, so
the small bucket is read through in a dozen trips and the large one in a thousand. After a few of them four walks over the
same moment share the rest, each its own stretch, cut where tables of the index begin: they overlap their waiting, which
makes of 3.5 times what the small bucket takes about 1.4 on a virtual machine that wakes a thread slowly. A hundred
prefixes are sought past at both sizes.
`;
}
