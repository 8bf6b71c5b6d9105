import type { Grant } from "../access/credential.ts";

/** Whether all that `grants` allow is allowed by `by`, verb by verb. */
export function covers(by: readonly Grant[], grants: readonly Grant[]): boolean {
  return grants.every((grant) =>
    [...grant.verbs].every((verb) =>
      by.some(
        (one) =>
          (one.bucket === "*" || one.bucket === grant.bucket) &&
          grant.prefix.startsWith(one.prefix) &&
          one.verbs.has(verb),
      ),
    ),
  );
}

/** What both allow, exactly. */
export function overlap(some: readonly Grant[], others: readonly Grant[]): Grant[] {
  return some.flatMap((one) => others.flatMap((other) => overlapOfTwo(one, other) ?? []));
}

function overlapOfTwo(one: Grant, other: Grant): Grant | undefined {
  if (one.bucket !== "*" && other.bucket !== "*" && one.bucket !== other.bucket) return undefined;
  const [shorter, longer] =
    one.prefix.length <= other.prefix.length
      ? [one.prefix, other.prefix]
      : [other.prefix, one.prefix];
  if (!longer.startsWith(shorter)) return undefined;
  const verbs = new Set([...one.verbs].filter((verb) => other.verbs.has(verb)));
  if (verbs.size === 0) return undefined;
  return { bucket: one.bucket === "*" ? other.bucket : one.bucket, prefix: longer, verbs };
}
