import { didYouMean } from "@holdfast/protocol";
import { ConfigError } from "../config/config-error.ts";

/** The ids that were asked for, or all; throws a `ConfigError` for one that nobody knows. */
export function knownIds(
  asked: readonly string[] | undefined,
  known: readonly string[],
): readonly string[] {
  const unknown = asked?.find((id) => !known.includes(id));
  if (unknown === undefined) return asked ?? known;
  throw new ConfigError(
    `${JSON.stringify(unknown)} is no scenario`,
    `${didYouMean(unknown, known)}known are ${known.join(", ")}`,
  );
}
