import * as v from "valibot";

const units: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** Bytes: a whole number, or one with a unit, such as `64KiB`. */
export const bytes = v.pipe(
  v.union([
    v.number(),
    v.pipe(
      v.string(),
      v.regex(/^\d{1,12}(B|KiB|MiB|GiB)?$/, "must be bytes, such as 1048576 or 1MiB"),
      v.transform((text) => {
        const [, digits = "", unit = "B"] = /^(\d+)(\D+)?$/.exec(text) ?? [];
        return Number(digits) * (units[unit] ?? 1);
      }),
    ),
  ]),
  v.safeInteger(),
  v.minValue(0),
);

/** Milliseconds. */
export const milliseconds = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(2 ** 31 - 1));

/** How often something happens. */
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
