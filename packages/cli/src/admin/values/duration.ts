const seconds = new Map([
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["w", 604_800],
]);

const secondsMax = 100 * 366 * 86_400;

/** Ends the sentence "… must be". */
export const durationExpects = "a duration such as 30d, 12h, 45m or 2w";

/** Reads a duration in seconds; undefined when it is none, zero, or more than a century. */
export function parseDuration(text: string): number | undefined {
  const [, digits, unit] = /^([0-9]{1,9})([a-z])$/.exec(text) ?? [];
  const factor = seconds.get(unit ?? "");
  if (digits === undefined || factor === undefined) return undefined;
  const duration = Number(digits) * factor;
  return duration > 0 && duration <= secondsMax ? duration : undefined;
}
