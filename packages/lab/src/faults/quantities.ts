import * as v from "valibot";

const units: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

const mustBeBytes = "must be bytes, such as 1048576 or 1MiB";

/** Bytes: a whole number, or one with a unit, such as `64KiB`. */
export const bytes = v.pipe(
  v.union(
    [
      v.number(),
      v.pipe(
        v.string(),
        v.regex(/^\d{1,12}(B|KiB|MiB|GiB)?$/),
        v.transform((text) => {
          const [, digits = "", unit = "B"] = /^(\d+)(\D+)?$/.exec(text) ?? [];
          return Number(digits) * (units[unit] ?? 1);
        }),
      ),
    ],
    mustBeBytes,
  ),
  v.safeInteger(mustBeBytes),
  v.minValue(0, mustBeBytes),
);

const mustBeMilliseconds = "must be milliseconds, a number such as 1500";

/** Milliseconds. */
export const milliseconds = v.pipe(
  v.number(mustBeMilliseconds),
  v.finite(mustBeMilliseconds),
  v.minValue(0, mustBeMilliseconds),
  v.maxValue(2 ** 31 - 1, mustBeMilliseconds),
);

const mustCount = "must be a whole number from 1 on";

/** How often something happens. */
export const count = v.pipe(
  v.number(mustCount),
  v.safeInteger(mustCount),
  v.minValue(1, mustCount),
);
