import { availableParallelism } from "node:os";
import { median, quartileSpread } from "../statistics.ts";
import { table } from "../table.ts";
import type { ProxyMeasured, ProxyRun } from "./measure-proxies.ts";
import { nginxVersion } from "./nginx.ts";
import type { ProxyMemory } from "./memory.ts";

const mebibyte = 1024 * 1024;

/** Milliseconds that may be added to the median. */
const addedBarMs = 1;

/** All that one run of the bench found out. */
export interface Findings {
  /** By upstream, in words. */
  readonly measured: ReadonlyMap<string, readonly ProxyMeasured[]>;
  /** The same over few connections, for how long an answer takes. */
  readonly latencies: readonly ProxyMeasured[];
  readonly memory: ProxyMemory | undefined;
}

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

const perCore = ({ done, cpuMs }: ProxyRun): number => done / cpuMs;

/** Requests per second of processor time, over nginx's, round by round. */
function shares({ runs }: ProxyMeasured, name = "Holdfast"): readonly number[] {
  const others = runs.get("nginx") ?? [];
  return (runs.get(name) ?? []).flatMap((run, round) => {
    const other = others[round];
    return other === undefined ? [] : [perCore(run) / perCore(other)];
  });
}

function isShareMet(measured: ProxyMeasured): boolean {
  const { bar } = measured.question;
  return bar === undefined || median(shares(measured)) >= bar;
}

/** What a server adds to the upstream's own median, round by round. */
function added({ runs }: ProxyMeasured, name: string): readonly number[] {
  const direct = runs.get("direct") ?? [];
  return (runs.get(name) ?? []).map(
    ({ p50Ms }, round) => p50Ms - (direct[round]?.p50Ms ?? Number.NaN),
  );
}

const isAddedMet = (measured: ProxyMeasured): boolean =>
  median(added(measured, "Holdfast")) < addedBarMs;

const isMemoryMet = (memory: ProxyMemory): boolean => memory.peakMib < memory.barMib;

/** Whether every bar that there is was met. */
export function allMet({ measured, latencies, memory }: Findings): boolean {
  const shared = [...measured.values()].flat().every(isShareMet);
  return shared && latencies.every(isAddedMet) && (memory === undefined || isMemoryMet(memory));
}

const verdict = (isMet: boolean): string => (isMet ? "met" : "**missed**");

const shareText = (all: readonly number[]): string =>
  all.length === 0 ? "" : `${percent(median(all))} ±${percent(quartileSpread(all))}`;

function shareRow(measured: ProxyMeasured): readonly string[] {
  const { question, connections } = measured;
  const { bar } = question;
  return [
    question.asks,
    String(connections),
    shareText(shares(measured, "bare sockets")),
    shareText(shares(measured, "plain Node")),
    shareText(shares(measured)),
    bar === undefined ? "" : percent(bar),
    bar === undefined ? "" : verdict(isShareMet(measured)),
  ];
}

function cpuUs(runs: readonly ProxyRun[]): string {
  if (runs.length === 0) return "";
  const [done, cpu] = runs.reduce(([d, c], run) => [d + run.done, c + run.cpuMs] as const, [0, 0]);
  return ((cpu * 1000) / done).toFixed(0);
}

function figureRow({ question, connections, runs }: ProxyMeasured): readonly string[] {
  const rate = (name: string): string => {
    const perSecond = median((runs.get(name) ?? []).map((run) => run.perSecond));
    if ((question.moved ?? 0) < mebibyte) return `${Math.round(perSecond)}/s`;
    return `${Math.round((perSecond * (question.moved ?? 0)) / mebibyte)} MiB/s`;
  };
  const names = ["direct", "nginx", "Holdfast"];
  const spenders = ["nginx", "bare sockets", "plain Node", "Holdfast"];
  const cpu = spenders.map((name) => cpuUs(runs.get(name) ?? []));
  return [question.asks, String(connections), ...names.map(rate), ...cpu];
}

const ms = (values: readonly number[]): string => `${median(values).toFixed(2)} ms`;

function latencyRow(measured: ProxyMeasured): readonly string[] {
  const { question, connections, runs } = measured;
  return [
    question.asks,
    String(connections),
    ms((runs.get("direct") ?? []).map(({ p50Ms }) => p50Ms)),
    ms(added(measured, "nginx")),
    ms(added(measured, "Holdfast")),
    `< ${addedBarMs} ms`,
    verdict(isAddedMet(measured)),
  ];
}

function memoryRow(memory: ProxyMemory): readonly string[] {
  const { connections, peakMib, barMib } = memory;
  const met = verdict(isMemoryMet(memory));
  return [`${connections}`, `${peakMib.toFixed(0)} MiB`, `< ${barMib} MiB`, met];
}

function missedLines({ measured }: Findings): readonly string[] {
  const missed = [...measured.values()].flat().filter((one) => !isShareMet(one));
  if (missed.length === 0) return [];
  const lines = missed.map(({ question }) => `- ${question.asks}: ${question.holdsBack}.`);
  return [
    "## What holds back where a bar is missed\n",
    "*Bare sockets* in the tables move bytes from one of Node's sockets to another and read none of them: no proxy on Node can be",
    "had for less, and what lies between them and the bar is all there is for HTTP, the decision and both signatures. *Plain Node*",
    "is a proxy of `node:http` and undici that looks at nothing. Holdfast has a wire of its own towards upstreams",
    "(`docs/decisions/0027-one-wire.md`), and `node:http` towards tenants, and why is in `docs/decisions/0029-node-http-towards-tenants.md`.\n",
    ...new Set(lines),
    "",
  ];
}

function introduction(): readonly string[] {
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform}`;
  return [
    "# Speed before an upstream\n",
    "Written by `npm run bench:proxy`. What Holdfast costs as a proxy, beside what Debian's nginx",
    `${nginxVersion()} costs as a plain one before the same upstream, in one run (${machine}), rounds interleaved.`,
    "The measure is requests per second of processor time of the proxy's own process with all its threads, for",
    "that holds on a machine that does other things as well; a ratio is the median of the rounds' ratios, with half",
    "the distance between their quartiles. Holdfast verifies every request's signature, decides by credential and",
    "bucket, renames the bucket, and signs anew; nginx passes on what it is given.\n",
    "nginx has one worker, keeps its connections to the upstream, passes bodies of requests on as they come",
    "(`proxy_request_buffering off`), and answers through 8 buffers of 64 KiB that never become a file",
    "(`proxy_buffering on`, `proxy_max_temp_file_size 0`): with `proxy_buffering off` it would read the upstream in the",
    "smallest pieces, which costs it more. Bodies of 1 MiB and more are sent as `UNSIGNED-PAYLOAD`, those of 1 KiB with",
    "their SHA-256, which Holdfast verifies. ListBuckets and what is refused never reach the upstream through Holdfast,",
    "and always do through nginx. 64 MiB are asked for over 16 connections alone: over 256 they would be 16 GiB at once.\n",
    "That the rows can fail: `HOLDFAST_BENCH_SABOTAGE=proxy npm run bench:proxy -- --short` has another proxy before",
    "Holdfast that holds every body whole and answers late.\n",
  ];
}

const shareHeads = [
  "question",
  "connections",
  "bare sockets, of nginx's requests per core",
  "plain Node, of nginx's requests per core",
  "Holdfast, of nginx's requests per core",
  "bar",
  "",
];
const latencyHeads = [
  "question",
  "connections",
  "direct, p50",
  "nginx adds",
  "Holdfast adds",
  "bar",
  "",
];
const figureHeads = [
  "question",
  "connections",
  "direct",
  "nginx",
  "Holdfast",
  "nginx, CPU µs",
  "bare sockets, CPU µs",
  "plain Node, CPU µs",
  "Holdfast, CPU µs",
];

/** The whole page: every ratio with its bar, and the figures of this one run. */
export function report(findings: Findings): string {
  const { measured, latencies, memory } = findings;
  const sections = [...introduction()];
  for (const [upstream, rows] of measured) {
    sections.push(`## Requests per core, before ${upstream}\n`);
    sections.push(table(shareHeads, rows.map(shareRow)));
  }
  if (latencies.length > 0) {
    sections.push(
      "## What is added to the median\n",
      table(latencyHeads, latencies.map(latencyRow)),
    );
  }
  if (memory !== undefined) {
    const heads = ["connections", "peak resident set", "bar", ""];
    sections.push(
      "## Memory\n",
      "Objects of 1 MiB up and then down over all connections at once, in a fresh process.\n",
    );
    sections.push(table(heads, [memoryRow(memory)]));
  }
  sections.push(...missedLines(findings), "## Figures of that run\n");
  sections.push(
    "They say nothing about another machine. CPU is user and system time of the proxy, a request.\n",
  );
  for (const [upstream, rows] of measured) {
    sections.push(`Before ${upstream}:\n`, table(figureHeads, rows.map(figureRow)));
  }
  return sections.join("\n");
}
