import { abortsAndWrites } from "./aborts-and-writes.test.data.ts";
import { answersThatAreNot } from "./answers-that-are-not.test.data.ts";
import { brokenExchanges } from "./broken-exchanges.test.data.ts";
import { listings } from "./listings.test.data.ts";
import { oddAnswers } from "./odd-answers.test.data.ts";
import { refusals } from "./refusals.test.data.ts";
import { wrongSigners } from "./wrong-signers.test.data.ts";
import type { Situation } from "./situation.test.support.ts";

/** All situations in the order of their numbers. */
export const situations: readonly Situation[] = [
  ...refusals,
  ...oddAnswers,
  ...wrongSigners,
  ...answersThatAreNot,
  ...brokenExchanges,
  ...abortsAndWrites,
  ...listings,
].toSorted((one, other) => compare(one.id, other.id));

function compare(one: string, other: string): number {
  const number = Number.parseInt(one, 10) - Number.parseInt(other, 10);
  if (number !== 0) return number;
  return one < other ? -1 : 1;
}
