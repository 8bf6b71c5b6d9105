import { abortsAndWrites } from "./aborts-and-writes.ts";
import { answersThatAreNot } from "./answers-that-are-not.ts";
import { brokenExchanges } from "./broken-exchanges.ts";
import { listings } from "./listings.ts";
import { oddAnswers } from "./odd-answers.ts";
import { refusals } from "./refusals.ts";
import { wrongSigners } from "./wrong-signers.ts";
import type { Situation } from "./situation.ts";

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
