import { availableParallelism } from "node:os";
import { median, quartileSpread } from "../statistics.ts";
import { table } from "../table.ts";
import { bars, rates, ratios } from "./bars.ts";
import type { Answer } from "./rounds.ts";

const MIB = 1024 * 1024;

function times(values: readonly number[]): string {
  return `${median(values).toFixed(2)} ±${(quartileSpread(values) * 100).toFixed(0)} %`;
}

function ratioRow(answer: Answer): string[] {
  const engine = rates(answer, "engine");
  const others = [...answer.runs.keys()].filter((name) => name !== "engine");
  return [
    answer.question.asks,
    ...others.map((name) => times(ratios(engine, rates(answer, name)))),
  ];
}

function figureRow({ question, runs }: Answer): string[] {
  const all = [...runs.values()];
  return [
    question.asks,
    ...all.map((some) => {
      const perSecond = median(some.map((run) => run.perSecond));
      return question.bytes < MIB
        ? `${Math.round(perSecond)}/s`
        : `${Math.round((perSecond * question.bytes) / MIB)} MiB/s`;
    }),
    ...all.map((some) => median(some.map(({ cpuUs }) => cpuUs)).toFixed(0)),
  ];
}

function barRow(answers: readonly Answer[]): (bar: (typeof bars)[number]) => string[] {
  return ({ asks, least, values }) => {
    const found = values(answers);
    const verdict = median(found) >= least ? "met" : "**missed**";
    return [asks, times(found), String(least), verdict];
  };
}

/** Whether every bar was met. */
export function allMet(answers: readonly Answer[]): boolean {
  return bars.every(({ least, values }) => median(values(answers)) >= least);
}

/** The whole page: the bars, every ratio, and the figures of this one run. */
export function report(answers: readonly Answer[]): string {
  const names = [...(answers[0]?.runs.keys() ?? [])];
  const others = names.filter((name) => name !== "engine");
  const cpu = names.map((name) => `${name}, CPU µs`);
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform}`;
  return [
    "# Speed of durable writes\n",
    "Written by `npm run bench:engine`. The engine in one process with its peers, all on one file system, asked in",
    `turn, round by round (${machine}); the median of the rounds' ratios with half their quartiles' distance.\n`,
    "- **chain**: a file an object: written beside its place, synced, renamed, its directory synced.",
    "- **log**: the limit. Records appended to a file that grows, all that wait sharing one write and one sync.",
    "  It keeps no key, no digest and no index, and cannot be read.",
    "- **zeroed log**: the same over a file that was filled with zeros before, as the engine's own log is: no sync",
    "  has a length to write down. For information; no bar.\n",
    "The engine hashes every body (MD5, CRC-64/NVME), decides on the bucket and the object that is there, seals each",
    "record with its CRC-32C, and writes log and index.\n",
    "That the bars can be missed: `HOLDFAST_BENCH_SABOTAGE=sync npm run bench:engine -- --short` lets no two writes of",
    "the engine share a sync, and the first two are.\n",
    table(["bar", "ratio", "at least", ""], bars.map(barRow(answers))),
    "## The engine's rate over each peer's\n",
    table(["question", ...others.map((name) => `÷ ${name}`)], answers.map(ratioRow)),
    "## What holds the engine back\n",
    "Sixteen writers that wait for their answers make one commit of sixteen, and no other is under way meanwhile. A",
    "commit is decided, written to the log and synced, which the bare log does too. The index takes it behind the answers,",
    "while the next is written and synced, so that it costs no waiting of its own but a part of a core beside that sync.",
    "Behind the answers, too, the next sixteen bodies are hashed. The faster the disk syncs, the more the thread's own",
    "time weighs beside the sync: half of the log's rate needs a disk whose sync takes as long as that time does, the",
    "processor time below without the index's and the kernel's. With 64 writers it is nearly all there is. One large body",
    "is held back by its MD5, which no two threads can share.\n",
    "## Figures of that run\n",
    "They say nothing about another machine. CPU is user and system time of the whole process a write.\n",
    table(["question", ...names, ...cpu], answers.map(figureRow)),
  ].join("\n");
}
