import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { OpenCandidate } from "./index-store/candidate.ts";
import { openClassicLevel } from "./index-store/classic-level.ts";
import { bytesOnDisk, longestKey, openMs } from "./index-store/facts.ts";
import { openLibsql } from "./index-store/libsql.ts";
import { openLmdb } from "./index-store/lmdb.ts";
import { questions, type Ask, type Scale } from "./index-store/questions.ts";
import { records } from "./index-store/records.ts";
import { askEach, type Answers, type Contender } from "./index-store/rounds.ts";
import { median, spread } from "./statistics.ts";
import { table } from "./table.ts";

const candidates: Readonly<Record<string, OpenCandidate>> = {
  "classic-level": openClassicLevel,
  libsql: openLibsql,
  lmdb: openLmdb,
};
const names = Object.keys(candidates);

async function load(contenders: readonly Contender[], total: number): Promise<Answers> {
  const asks = "load, 1000 records a batch, unsynced";
  const result: Answers = { asks, unit: "records", rounds: new Map() };
  const slices = 10;
  for (let slice = 0; slice < slices; slice++) {
    const count = total / slices;
    const batches = Array.from({ length: count / 1000 }, (_, index) =>
      records({ index: slice * count + index * 1000, count: 1000, total }),
    );
    const write: Ask = async (store) => {
      for (const batch of batches) await store.write(batch, { synced: false });
      return count;
    };
    await askEach(contenders, write, result);
  }
  return result;
}

async function askAll(contenders: readonly Contender[], scale: Scale): Promise<Answers[]> {
  const all = questions.map((question) => ({
    question,
    result: { asks: question.asks, unit: question.unit, rounds: new Map() },
  }));
  for (let round = 0; round < 7; round++) {
    for (const { question, result } of all) {
      await askEach(contenders, question.prepare({ ...scale, round }), result);
    }
  }
  return all.map(({ result }) => result);
}

function row({ asks, unit, rounds }: Answers): string[] {
  const [first = ""] = names;
  const rates = (name: string): number[] => (rounds.get(name) ?? []).map(({ rate }) => rate);
  const own = median(rates(first));
  const cells = names.map((name) => {
    const ratio = (median(rates(name)) / own).toFixed(2);
    return `${ratio} ±${(spread(rates(name)) * 100).toFixed(0)} %`;
  });
  const thread = names.map((name) =>
    median((rounds.get(name) ?? []).map(({ threadUs }) => threadUs)).toFixed(1),
  );
  return [asks, ...cells, `${Math.round(own)} ${unit}/s`, thread.join(" / ")];
}

async function factRow(
  contenders: readonly Contender[],
  label: string,
  fact: (contender: Contender) => Promise<string>,
): Promise<string[]> {
  const cells: string[] = [];
  for (const contender of contenders) cells.push(await fact(contender));
  return [label, ...cells];
}

async function measure(root: string, scale: Scale): Promise<void> {
  const contenders: Contender[] = [];
  for (const [name, open] of Object.entries(candidates)) {
    const directory = join(root, `${name}-${scale.total}`);
    await mkdir(directory);
    contenders.push({ name, directory, open, store: await open(directory) });
  }
  const loaded = await load(contenders, scale.total);
  for (const { store } of contenders) await store.flush();
  const facts = [
    await factRow(contenders, "bytes on disk a record, after the load", async ({ directory }) =>
      ((await bytesOnDisk(directory)) / scale.total).toFixed(0),
    ),
  ];
  const asked = await askAll(contenders, scale);
  facts.push(
    await factRow(contenders, "longest key of those tried, bytes", async ({ store }) =>
      String(await longestKey(store)),
    ),
  );
  for (const { store } of contenders) await store.close();
  facts.push(
    await factRow(contenders, "open and first record, ms", async ({ open, directory }) =>
      (await openMs(open, directory)).toFixed(1),
    ),
  );
  const rates = [loaded, ...asked].map(row);
  const heads = ["question", ...names, `${names[0]} in this run`, "µs of the thread a unit"];
  process.stdout.write(`\n## ${scale.total} records\n\n${table(heads, rates)}`);
  process.stdout.write(`\n${table(["fact", ...names], facts)}`);
}

const { values } = parseArgs({ options: { short: { type: "boolean", default: false } } });
const scales = values.short
  ? [{ total: 100_000, round: 0, effort: 1 }]
  : [
      { total: 10_000, round: 0, effort: 2 },
      { total: 1_000_000, round: 0, effort: 4 },
    ];
const root = await mkdtemp(join(tmpdir(), "holdfast-index-store-"));
try {
  for (const scale of scales) await measure(root, scale);
} finally {
  await rm(root, { recursive: true, force: true });
}
