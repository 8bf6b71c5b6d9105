import type { Candidate, OpenCandidate } from "./candidate.ts";
import type { Ask } from "./questions.ts";

export interface Contender {
  readonly name: string;
  readonly directory: string;
  readonly open: OpenCandidate;
  readonly store: Candidate;
}

/** What one round came to. */
interface Round {
  /** Units a second. */
  readonly rate: number;
  /** Microseconds of the main thread a unit: what other requests wait for. */
  readonly threadUs: number;
}

/** A question's rounds, by candidate. */
export interface Answers {
  readonly asks: string;
  readonly unit: string;
  readonly rounds: Map<string, Round[]>;
}

/** Asks every contender in turn, so that whatever disturbs the machine disturbs them alike. */
export async function askEach(
  contenders: readonly Contender[],
  question: Ask,
  into: Answers,
): Promise<void> {
  for (const { name, store } of contenders) {
    const before = performance.eventLoopUtilization();
    const start = performance.now();
    const done = await question(store);
    const elapsedMs = performance.now() - start;
    const { active } = performance.eventLoopUtilization(before);
    const round = { rate: (done / elapsedMs) * 1000, threadUs: (active / done) * 1000 };
    into.rounds.set(name, [...(into.rounds.get(name) ?? []), round]);
  }
}
