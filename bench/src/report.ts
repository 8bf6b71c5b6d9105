import { availableParallelism } from "node:os";
import type { Measured, Run } from "./measure.ts";
import type { Memory } from "./memory.ts";
import { s3rverBar } from "./rows.ts";
import { median, spread } from "./statistics.ts";
import { table } from "./table.ts";

const MIB = 1024 * 1024;

/** A server's rate over another's, round by round. */
function ratios({ runs }: Measured, other: string, server = "Holdfast"): number[] {
  const others = runs.get(other) ?? [];
  return (runs.get(server) ?? []).map(
    ({ perSecond }, round) => perSecond / (others[round]?.perSecond ?? Number.NaN),
  );
}

function verdict(values: readonly number[], bar: number | undefined): string {
  if (bar === undefined) return "";
  return median(values) >= bar ? "met" : "**missed**";
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function ratioRow(measured: Measured): string[] {
  const { row } = measured;
  const [s3rver, limit] = [ratios(measured, "s3rver"), ratios(measured, "limit")];
  return [
    row.asks,
    `${median(s3rver).toFixed(1)} ±${percent(spread(s3rver))}`,
    String(s3rverBar),
    verdict(s3rver, s3rverBar),
    `${percent(median(limit))} ±${percent(spread(limit))}`,
    row.limitBar === undefined ? "" : percent(row.limitBar),
    verdict(limit, row.limitBar),
    median(ratios(measured, "s3rver", "limit")).toFixed(1),
  ];
}

function sum(runs: readonly Run[], of: (run: Run) => number): number {
  return runs.reduce((total, run) => total + of(run), 0);
}

function cpuUs(runs: readonly Run[], of: (run: Run) => number): string {
  return ((sum(runs, of) * 1000) / sum(runs, ({ done }) => done)).toFixed(0);
}

function rateRow({ row, runs }: Measured): string[] {
  const all = [...runs.values()];
  const rate = (some: readonly Run[]): string => {
    const perSecond = median(some.map((run) => run.perSecond));
    if (row.movedBytes === undefined) return `${Math.round(perSecond)}/s`;
    return `${Math.round((perSecond * row.movedBytes) / MIB)} MiB/s`;
  };
  const own = runs.get("Holdfast") ?? [];
  return [
    row.asks,
    ...all.map(rate),
    ...all.map((some) => cpuUs(some, ({ serverCpuMs }) => serverCpuMs)),
    cpuUs(own, ({ clientCpuMs }) => clientCpuMs),
  ];
}

function isMet(measured: Measured): boolean {
  const [s3rver, limit] = [ratios(measured, "s3rver"), ratios(measured, "limit")];
  return median(s3rver) >= s3rverBar && median(limit) >= (measured.row.limitBar ?? 0);
}

/** Whether every bar that there is was met. */
export function allMet(all: readonly Measured[], memory: Memory | undefined): boolean {
  return all.every(isMet) && (memory === undefined || memory.peakMib < memory.barMib);
}

function missedLines(all: readonly Measured[]): string[] {
  const missed = all.filter((measured) => !isMet(measured));
  if (missed.length === 0) return [];
  const lines = missed.map(({ row }) => `- ${row.asks}: ${row.holdsBack}`);
  return ["## What holds back where a bar is missed\n", ...lines, ""];
}

function memoryLines({ peakMib, barMib, objectMib, atOnce }: Memory): string {
  const heads = ["objects at once", "peak resident set", "bar", ""];
  const figure = `${peakMib.toFixed(0)} MiB`;
  const met = peakMib < barMib ? "met" : "**missed**";
  const cells = [`${atOnce} of ${objectMib} MiB, up and then down`, figure, `< ${barMib} MiB`, met];
  return table(heads, [cells]);
}

/** The whole page: what was asked, every ratio with its bar, and the figures of this one run. */
export function report(all: readonly Measured[], memory: Memory | undefined): string {
  const bars = ["question", "× s3rver", "bar", "", "of the limit", "bar", "", "limit × s3rver"];
  const names = [...(all[0]?.runs.keys() ?? [])];
  const cpu = names.map((name) => `${name}, CPU µs`);
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform}`;
  const sections = [
    "# Speed and memory\n",
    "Written by `npm run bench`. Holdfast's rate as a multiple of s3rver 3.7.1 and as a share of the limit: a bare",
    "`node:http` server that answers the same bytes and headers, or swallows the same body. One run on one",
    `machine (${machine}), each server a process of its own, rounds interleaved, the median of the rounds'`,
    "ratios with half their range. Holdfast verifies every signature and has every PUT on stable storage before",
    "it answers; s3rver does neither, and its bad signature is one of version 2, for it verifies no other. Where the",
    "limit itself is less than 5 × s3rver, no server on Node can be.\n",
    "That the rows can fail: `HOLDFAST_BENCH_SABOTAGE=proxy npm run bench -- --short` puts a proxy before the gateway",
    "that holds every body whole and answers late, and every bar is missed, memory's too.\n",
    table(bars, all.map(ratioRow)),
    ...missedLines(all),
    ...(memory === undefined ? [] : ["## Memory\n", memoryLines(memory)]),
    "## Figures of that run\n",
    "They say nothing about another machine. CPU is user and system time a request, of the server and of the",
    "client that drove Holdfast.\n",
    table(["question", ...names, ...cpu, "client, CPU µs"], all.map(rateRow)),
  ];
  return sections.join("\n");
}
