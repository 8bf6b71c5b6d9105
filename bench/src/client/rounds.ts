import type { Contender } from "./contender.ts";
import type { Outcome } from "./order.ts";
import type { Figure, Question } from "./questions.ts";

/** How long is asked, and how often. */
export interface Effort {
  readonly rounds: number;
  /** Rounds before these that do not count: a client is compiled while it runs. */
  readonly warmUps: number;
  readonly durationMs: number;
}

/** One figure of every client that has it: the same index is the same round. */
export interface Row {
  readonly asks: string;
  readonly unit: string;
  /** Whether more is better, or less. */
  readonly more: boolean;
  /** The most that it may be of the bare transport's. */
  readonly bareBar?: number | undefined;
  /** A size is compared with its bar alone: a client of five operations is smaller, whatever the others do. */
  readonly isSize?: true;
  /** The most that it may be by itself. */
  readonly bar?: number | undefined;
  readonly values: ReadonlyMap<string, readonly number[]>;
}

function figure({ of, scale }: Figure, { done, elapsedMs, cpuMs }: Outcome): number {
  return of === "cpu" ? (cpuMs / done) * scale : (done / elapsedMs) * 1000 * scale;
}

function rowsOf(
  { asks, order, figures }: Question,
  outcomes: ReadonlyMap<string, readonly Outcome[]>,
): Row[] {
  const flight = order.inFlight > 1 ? `, ${order.inFlight} in flight` : "";
  return figures.map((one) => ({
    asks: `${asks}${flight}`,
    unit: one.unit,
    more: one.of === "rate",
    bareBar: one.bareBar,
    values: new Map(
      [...outcomes].map(([name, all]) => [name, all.map((outcome) => figure(one, outcome))]),
    ),
  }));
}

/** Asks every client in turn, round by round. */
export async function ask(
  question: Question,
  contenders: readonly Contender[],
  { rounds, warmUps, durationMs }: Effort,
): Promise<readonly Row[]> {
  const able = contenders.filter((one) => one.can(question.order.action));
  const outcomes = new Map<string, Outcome[]>(able.map(({ name }) => [name, []]));
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const contender of able) {
      const outcome = await contender.carryOut({ ...question.order, durationMs });
      if (round >= warmUps) outcomes.get(contender.name)?.push(outcome);
    }
  }
  return rowsOf(question, outcomes);
}
