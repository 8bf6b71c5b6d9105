import { readFile } from "node:fs/promises";
import { median } from "../statistics.ts";
import type { Filled } from "./bucket.ts";
import type { Question } from "./questions.ts";

/** What a page took. */
interface Took {
  readonly ms: number;
  /** User and system time of all threads. */
  readonly cpuMs: number;
}

/** What the pages of one question took of either bucket, page by page: medians. */
export interface Answered {
  readonly question: Question;
  readonly small: Took;
  readonly large: Took;
  readonly ratio: number;
  readonly cpuRatio: number;
}

const warmUpPages = 5;

async function ask(question: Question, filled: Filled, at: number): Promise<Took> {
  const cpu = process.cpuUsage();
  const began = performance.now();
  const entries = await question.page(filled, at);
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(cpu);
  if (entries.length !== question.entries) throw new Error(`a page of ${entries.length} entries`);
  return { ms, cpuMs: (user + system) / 1000 };
}

function middle(all: readonly Took[]): Took {
  return { ms: median(all.map(({ ms }) => ms)), cpuMs: median(all.map(({ cpuMs }) => cpuMs)) };
}

/** Asks both buckets in turn for page after page, each pair at the same random place. */
export async function answer(
  question: Question,
  [small, large]: readonly [Filled, Filled],
  pages: number,
): Promise<Answered> {
  const pairs: (readonly [Took, Took])[] = [];
  for (let page = -warmUpPages; page < pages; page++) {
    const at = Math.random();
    const pair = [await ask(question, small, at), await ask(question, large, at)] as const;
    if (page >= 0) pairs.push(pair);
  }
  const [ofSmall, ofLarge] = [
    middle(pairs.map(([one]) => one)),
    middle(pairs.map(([, two]) => two)),
  ];
  return {
    question,
    small: ofSmall,
    large: ofLarge,
    ratio: ofLarge.ms / ofSmall.ms,
    cpuRatio: ofLarge.cpuMs / ofSmall.cpuMs,
  };
}

/** Anonymous memory that the process has now, in MiB: neither mapped tables nor the page cache. */
async function anonymousMib(): Promise<number> {
  const status = await readFile("/proc/self/status", "latin1");
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** By how many MiB the process has grown after so many further pages; NaN where no one tells. */
export async function growthMib(
  question: Question,
  filled: Filled,
  pages: number,
): Promise<number> {
  const before = await anonymousMib().catch(() => Number.NaN);
  for (let page = 0; page < pages; page++) await ask(question, filled, page / pages);
  return (await anonymousMib().catch(() => Number.NaN)) - before;
}
