import type { SubjectSettings } from "../probe/subject.ts";

const times = { request: 4, call: 6 };

/**
 * For a timeout that is not of the wait for a byte but of a whole request, its body included, or of a whole call, its
 * attempts and the waits between them included. In milliseconds.
 */
export function wholeMs(
  { timeoutMs }: Pick<SubjectSettings, "timeoutMs">,
  of: "request" | "call",
): number {
  return timeoutMs * times[of];
}
