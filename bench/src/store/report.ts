import { availableParallelism } from "node:os";
import type { Row } from "../client/rounds.ts";
import { median, quartileSpread } from "../statistics.ts";
import { table } from "../table.ts";
import type { Listing } from "./listings.ts";
import type { StoreQuestion } from "./questions.ts";
import { ownName } from "./stores.ts";

/** One table of the page. */
export interface Part {
  readonly kind: "local" | "overhead" | "s3";
  readonly questions: readonly StoreQuestion[];
  readonly rows: readonly Row[];
  /** Who is no peer but what the least would cost. */
  readonly base?: string;
}

/** Growth over which a listing's memory is not flat. */
const growthMibMax = 32;

function middle({ values }: Row, name: string): number {
  return median(values.get(name) ?? []);
}

/** Round by round, how many times another's figure Holdfast's is. */
function ratios({ values }: Row, other: string): number[] {
  const others = values.get(other) ?? [];
  return (values.get(ownName) ?? []).map((own, round) => own / (others[round] ?? Number.NaN));
}

function bestPeer(row: Row, base: string | undefined): string {
  const peers = [...row.values.keys()].filter((name) => name !== ownName && name !== base);
  const sign = row.more ? -1 : 1;
  const [best = ""] = peers.toSorted((a, b) => sign * (middle(row, a) - middle(row, b)));
  return best;
}

function isAhead(row: Row, base: string | undefined): boolean {
  const ratio = median(ratios(row, bestPeer(row, base)));
  return row.more ? ratio >= 1 : ratio <= 1;
}

function whyOf(row: Row, { questions }: Part): string | undefined {
  return questions.find(({ asks }) => row.asks === asks || row.asks.startsWith(`${asks}, `))?.why;
}

function isMet(row: Row, part: Part): boolean {
  const { kind, base = "" } = part;
  if (kind === "overhead") return median(ratios(row, base)) <= (row.bareBar ?? Infinity);
  return isAhead(row, base) || whyOf(row, part) !== undefined;
}

function pagesOf(files: number): number {
  return Math.ceil(files / 1000);
}

function isListingMet({ name, backend, files, requests, grownMib }: Listing): boolean {
  if (name !== ownName) return true;
  const isFlat = !(grownMib > growthMibMax);
  return isFlat && (backend === "local" || requests === pagesOf(files));
}

/** Whether Holdfast is within every bar, and ahead wherever no reason is given. */
export function allMet(parts: readonly Part[], listings: readonly Listing[]): boolean {
  const areRowsMet = parts.every((part) => part.rows.every((row) => isMet(row, part)));
  return areRowsMet && listings.every(isListingMet);
}

function shown(value: number): string {
  if (Number.isNaN(value)) return "";
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function ratioText(values: readonly number[]): string {
  const share = (quartileSpread(values) * 100).toFixed(0);
  return `${median(values).toFixed(2)} ±${share} %`;
}

function overheadTable({ rows, base = "" }: Part): string {
  const cells = rows.map((row) => [
    `${row.asks}, ${row.unit}`,
    shown(middle(row, ownName)),
    shown(middle(row, base)),
    ratioText(ratios(row, base)),
    `≤ ${row.bareBar}`,
    median(ratios(row, base)) <= (row.bareBar ?? Infinity) ? "met" : "**missed**",
  ]);
  return table(["question", "store", "client", "× client", "bar", ""], cells);
}

function listingTable(listings: readonly Listing[]): string {
  const cells = listings.map((one) => [
    `${one.backend}, ${one.name}`,
    String(one.files),
    shown(one.ms),
    shown(one.cpuMs),
    one.grownMib.toFixed(1),
    one.requests === undefined ? "" : String(one.requests),
    one.name === ownName ? (isListingMet(one) ? "met" : "**missed**") : "",
  ]);
  return table(["listed by", "files", "ms", "ms CPU", "MiB grown", "requests", ""], cells);
}

function sideBySide(part: Part): string {
  const { rows, base } = part;
  const names = [...new Set(rows.flatMap(({ values }) => [...values.keys()]))];
  const verdict = (row: Row): string => {
    if (isAhead(row, base)) return "ahead";
    return whyOf(row, part) === undefined ? "**behind**" : "behind, see below";
  };
  const cells = rows.map((row) => [
    `${row.asks}, ${row.unit}`,
    ...names.map((name) => shown(middle(row, name))),
    ratioText(ratios(row, bestPeer(row, base))),
    ...(base === undefined ? [] : [ratioText(ratios(row, base))]),
    verdict(row),
  ]);
  const heads = [
    "question",
    ...names,
    "× best peer",
    ...(base === undefined ? [] : ["× least"]),
    "",
  ];
  return table(heads, cells);
}

function reasons(part: Part): string {
  const { rows, base, questions } = part;
  const behind = questions.filter(({ asks, why }) => {
    const isOfIt = (row: Row): boolean => row.asks === asks || row.asks.startsWith(`${asks}, `);
    return why !== undefined && rows.some((row) => isOfIt(row) && !isAhead(row, base));
  });
  return behind.map(({ asks, why }) => `- **${asks}**: ${why}\n`).join("");
}

function sectionsOf(part: Part): readonly string[] {
  const heading = { overhead: "Over the client", s3: "On S3", local: "On a local disk" };
  const text = {
    overhead: "What a store adds to Holdfast's own client. The most that it may add is 15 %.\n",
    s3: "The peers with their defaults, flydrive and flystorage over AWS's SDK, unstorage over `aws4fetch` and `fetch`, which lists the first thousand keys of a bucket and no more.\n",
    local:
      "*node:fs, as durable* is the least that keeps Holdfast's promise for that row, without any of its guards; *× least* is how many times that Holdfast takes. flystorage has no listing here: it leaves out all but 32 files of each folder below, for Node 20's `opendir` does.\n",
  };
  const own = part.kind === "overhead" ? overheadTable(part) : sideBySide(part);
  const why = part.kind === "overhead" ? "" : reasons(part);
  const rest = why === "" ? [] : ["Where Holdfast is behind, and why:\n", why];
  return [`## ${heading[part.kind]}\n`, text[part.kind], own, ...rest];
}

/** The whole page. */
export function report(parts: readonly Part[], listings: readonly Listing[]): string {
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform}`;
  const sections = [
    "# Stores side by side\n",
    "Written by `npm run bench:store`. Each store runs in a process of its own and is asked in turn, round by round. CPU is the",
    "user and system time of that process an operation; figures are medians of the rounds, ratios the medians of the rounds'",
    "ratios with half their quartile range. The S3 server is another process, takes everything and checks nothing. One run on",
    `one machine (${machine}); the figures say nothing about another.\n`,
    "That the rows can fail: `HOLDFAST_BENCH_SABOTAGE=flydrive npm run bench:store -- --short` measures flydrive under",
    "Holdfast's name, and bars are missed.\n",
    ...parts.flatMap(sectionsOf),
  ];
  if (listings.length > 0) {
    sections.push(
      "## Long listings\n",
      "All files below a folder with their sizes, after a listing of 10,000 in the same process. A listing on S3 is one request",
      `for each thousand files; memory is flat when the process has not grown by more than ${growthMibMax} MiB.\n`,
      listingTable(listings),
    );
  }
  return sections.join("\n");
}
