import { availableParallelism } from "node:os";
import { median, quartileSpread } from "../statistics.ts";
import { table } from "../table.ts";
import { bareName, ownName } from "./clients.ts";
import type { Row } from "./rounds.ts";

/** Round by round, how many times another's figure Holdfast's is. */
function ratios({ values }: Row, other: string): number[] {
  const others = values.get(other) ?? [];
  return (values.get(ownName) ?? []).map((own, round) => own / (others[round] ?? Number.NaN));
}

function middle({ values }: Row, name: string): number {
  return median(values.get(name) ?? []);
}

function bestPeer(row: Row): string {
  const peers = [...row.values.keys()].filter((name) => name !== ownName && name !== bareName);
  const sign = row.more ? -1 : 1;
  const [best = ""] = peers.toSorted((a, b) => sign * (middle(row, a) - middle(row, b)));
  return best;
}

function beatsPeers(row: Row): boolean {
  const ratio = median(ratios(row, bestPeer(row)));
  return row.more ? ratio >= 1 : ratio <= 1;
}

function meetsBareBar(row: Row): boolean {
  return row.bareBar === undefined || median(ratios(row, bareName)) <= row.bareBar;
}

function meetsBar(row: Row): boolean {
  return row.bar === undefined || middle(row, ownName) < row.bar;
}

function isMet(row: Row): boolean {
  if (row.isSize === true) return meetsBar(row);
  return beatsPeers(row) && meetsBareBar(row);
}

/** Whether every bar that there is was met. */
export function allMet(rows: readonly Row[]): boolean {
  return rows.every(isMet);
}

function verdict(isGood: boolean): string {
  return isGood ? "met" : "**missed**";
}

function shown(value: number): string {
  if (Number.isNaN(value)) return "";
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function ratioText(values: readonly number[]): string {
  const share = (quartileSpread(values) * 100).toFixed(0);
  return `${median(values).toFixed(2)} ±${share} %`;
}

function speedCells(row: Row): string[] {
  const best = bestPeer(row);
  const ofBare = ratios(row, bareName);
  return [
    `${row.asks}, ${row.unit}`,
    shown(middle(row, ownName)),
    `${best} ${shown(middle(row, best))}`,
    ratioText(ratios(row, best)),
    row.more ? "≥ 1" : "≤ 1",
    verdict(beatsPeers(row)),
    ratioText(ofBare),
    row.bareBar === undefined ? "" : `≤ ${row.bareBar}`,
    row.bareBar === undefined ? "" : verdict(meetsBareBar(row)),
  ];
}

function sizeCells(row: Row): string[] {
  const own = `${shown(middle(row, ownName))} ${row.unit}`;
  if (row.bar === undefined) return [row.asks, own, "", ""];
  return [row.asks, own, `< ${row.bar} ${row.unit}`, verdict(meetsBar(row))];
}

function allCells(row: Row, names: readonly string[]): string[] {
  return [`${row.asks}, ${row.unit}`, ...names.map((name) => shown(middle(row, name)))];
}

/** The whole page: every ratio with its bar, every size with its own, and the figures of this one run. */
export function report(rows: readonly Row[], headline: string): string {
  const names = [...new Set(rows.flatMap(({ values }) => [...values.keys()]))];
  const speeds = rows.filter(({ isSize }) => isSize !== true);
  const costs = rows.filter(({ isSize }) => isSize === true);
  const machine = `${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform}`;
  const speedHeads = ["question", ownName, "best peer", "× peer", "bar", "", "× bare", "bar", ""];
  const sections = [
    `# ${headline}\n`,
    "Written by `npm run bench:client`. Each client runs in a process of its own and is asked in turn, round by round, by",
    "its defaults, over plain HTTP on loopback; the server is another process, takes everything and checks nothing. CPU is",
    "the user and system time of the client's process an operation. Ratios are the medians of the rounds' ratios with half",
    "their quartile range. The bare transport is `node:http` with kept connections, signed once, which reads no header and",
    `parses no page. One run on one machine (${machine}).\n`,
    "That the rows can fail: `HOLDFAST_BENCH_SABOTAGE=sdk npm run bench:client -- --short` measures AWS's SDK under",
    "Holdfast's name, and bars are missed.\n",
    table(speedHeads, speeds.map(speedCells)),
    "An import is that of a fresh process, with all that it loads; the bundle is a program that puts, gets and lists,",
    "minified, without Node's own modules (Holdfast's: `S3Connection`, `putObject`, `getObject` and `listObjects`); its",
    "transport is what moves bytes over sockets, where that is no module of Node's; an install is the package and all that",
    "it depends on, as published.\n",
    table(["size", ownName, "bar", ""], costs.map(sizeCells)),
    "## Figures of that run\n",
    "They say nothing about another machine.\n",
    table(
      ["question", ...names],
      rows.map((row) => allCells(row, names)),
    ),
  ];
  return sections.join("\n");
}
