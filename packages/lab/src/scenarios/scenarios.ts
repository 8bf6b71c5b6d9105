import type { Scenario } from "../probe/scenario.ts";
import { answers } from "./answers.ts";
import { audit } from "./audit.ts";
import { exchanges } from "./exchanges.ts";
import { faultyAnswers } from "./faulty-answers.ts";
import { faultyExchanges } from "./faulty-exchanges.ts";
import { others } from "./others.ts";
import { refusals } from "./refusals.ts";

/** Every question of the probe: the audit's, the measured situations, one for each fault of the lab. */
export const scenarios: readonly Scenario[] = [
  ...audit,
  ...[...refusals, ...answers, ...exchanges, ...others].toSorted(byNumber),
  ...faultyExchanges,
  ...faultyAnswers,
];

/** As they were numbered. */
function byNumber(a: Scenario, b: Scenario): number {
  return Number.parseInt(a.id, 10) - Number.parseInt(b.id, 10);
}
