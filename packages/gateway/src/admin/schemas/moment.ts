import * as v from "valibot";

const expects = "a moment such as 2026-12-31T00:00:00.000Z";

/** A moment as text; the control plane counts milliseconds since 1970. */
export const moment = v.pipe(v.string(expects), v.isoTimestamp(expects));

/** A moment of the control plane as text. */
export function momentText(ms: number): string {
  return new Date(ms).toISOString();
}

const secondsExpect = "a whole number of seconds, from 1 to those of a hundred years";

/** How long from now on. */
export const secondsFromNow = v.pipe(
  v.number(secondsExpect),
  v.integer(secondsExpect),
  v.minValue(1, secondsExpect),
  v.maxValue(3_162_240_000, secondsExpect),
);
