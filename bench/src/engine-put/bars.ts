import { oneAtATime, sixteenAtOnce } from "./questions.ts";
import type { Answer } from "./rounds.ts";

interface Bar {
  readonly asks: string;
  readonly least: number;
  /** Round by round. */
  readonly values: (answers: readonly Answer[]) => readonly number[];
}

/** What the engine's rate at sixteen writers must come to. */
export const bars: readonly Bar[] = [
  bar("of the log at 16", 0.5, (answers) => rates(sixteen(answers), "log")),
  bar("× the engine, one at a time", 3, (answers) => rates(one(answers), "engine")),
  bar("× the chain, one at a time", 3, (answers) => rates(one(answers), "chain")),
];

function bar(
  asks: string,
  least: number,
  against: (answers: readonly Answer[]) => readonly number[],
): Bar {
  return {
    asks: `the engine at 16, ${asks}`,
    least,
    values: (answers) => ratios(rates(sixteen(answers), "engine"), against(answers)),
  };
}

function one(answers: readonly Answer[]): Answer | undefined {
  return answers.find(({ question }) => question === oneAtATime);
}

function sixteen(answers: readonly Answer[]): Answer | undefined {
  return answers.find(({ question }) => question === sixteenAtOnce);
}

/** A contender's writes a second, round by round. */
export function rates(answer: Answer | undefined, name: string): readonly number[] {
  return (answer?.runs.get(name) ?? []).map(({ perSecond }) => perSecond);
}

/** Each over the other of the same round. */
export function ratios(values: readonly number[], others: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (others[round] ?? Number.NaN));
}
