import type { Target } from "../probe/scenario.ts";

/** What is asked of a subject, in a line. */
export function targetText(target: Target): string {
  const { told = [], notTold = [], stored = {}, openUploads, requests, withinMs } = target;
  const { value, succeeds } = target;
  const results = value === undefined ? [] : [JSON.stringify(value)];
  const parts = [
    [...told, ...results].join(" or "),
    ...(notTold.length === 0 ? [] : [`not ${notTold.join(", not ")}`]),
    ...(succeeds === true ? ["succeeds"] : []),
    ...Object.entries(stored).map(([key, bytes]) =>
      bytes === "absent" ? `no ${key}` : `${key} of ${bytes} bytes`,
    ),
    ...(openUploads === undefined ? [] : [`at most ${openUploads} open uploads`]),
    ...(requests === undefined ? [] : [requestsText(requests)]),
    ...(withinMs === undefined ? [] : [`within ${withinMs / 1000} s`]),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

function requestsText([least, most]: readonly [least: number, most: number]): string {
  if (most === Infinity) return `requests: at least ${least}`;
  return least === most ? `requests: ${least}` : `requests: ${least} to ${most}`;
}
