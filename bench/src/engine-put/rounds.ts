import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { Contender } from "./contender.ts";

/** What is asked of every contender. */
export interface Question {
  readonly asks: string;
  readonly writers: number;
  readonly bytes: number;
}

/** One contender's part of one round. */
interface Run {
  readonly perSecond: number;
  /** User and system time of the whole process a put, in microseconds. */
  readonly cpuUs: number;
}

/** Rounds by contender: the same index is the same round, of every answer. */
export interface Answer {
  readonly question: Question;
  readonly runs: ReadonlyMap<string, readonly Run[]>;
}

export interface Effort {
  readonly rounds: number;
  readonly durationMs: number;
}

let names = 0;

async function runOnce(
  contender: Contender,
  { writers, bytes }: Question,
  durationMs: number,
): Promise<Run> {
  const body = randomBytes(bytes);
  const cpu = process.cpuUsage();
  const start = performance.now();
  let done = 0;
  const write = async (): Promise<void> => {
    do {
      names += 1;
      await contender.put(`key-${String(names).padStart(12, "0")}`, body);
      done += 1;
    } while (performance.now() - start < durationMs);
  };
  await Promise.all(Array.from({ length: writers }, write));
  const elapsedMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { perSecond: (done / elapsedMs) * 1000, cpuUs: (user + system) / done };
}

/** Asks every question of each in turn, round by round, after one round that does not count. */
export async function askInTurn(
  contenders: readonly Contender[],
  questions: readonly Question[],
  { rounds, durationMs }: Effort,
): Promise<readonly Answer[]> {
  const answers = questions.map((question) => ({
    question,
    runs: new Map<string, Run[]>(contenders.map(({ name }) => [name, []])),
  }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { question, runs } of answers) {
      for (const contender of contenders) {
        const run = await runOnce(contender, question, durationMs);
        if (round > 0) runs.get(contender.name)?.push(run);
      }
    }
  }
  return answers;
}
