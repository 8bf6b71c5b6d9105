import type { Target } from "../probe/scenario.ts";

/** What is asked of a subject, in a line. */
export function targetText(target: Target): string {
  const { told, value, succeeds, stored = {}, openUploads, requests, withinMs } = target;
  const parts = [
    ...(told === undefined ? [] : [told.join(" or ")]),
    ...(value === undefined ? [] : [JSON.stringify(value)]),
    ...(succeeds === true ? ["succeeds"] : []),
    ...Object.entries(stored).map(([key, bytes]) =>
      bytes === "absent" ? `no ${key}` : `${key} of ${bytes} bytes`,
    ),
    ...(openUploads === undefined ? [] : [`at most ${openUploads} open uploads`]),
    ...(requests === undefined ? [] : [requestsText(requests)]),
    ...(withinMs === undefined ? [] : [`within ${withinMs / 1000} s`]),
  ];
  return parts.join(", ");
}

function requestsText([least, most]: readonly [least: number, most: number]): string {
  return least === most ? `requests: ${least}` : `requests: ${least} to ${most}`;
}
