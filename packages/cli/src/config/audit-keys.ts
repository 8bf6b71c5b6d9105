import * as v from "valibot";
import { byteCountExpects, parseByteCount } from "../admin/values/byte-count.ts";
import type { SectionKey } from "./section.ts";

const mebibyte = 2 ** 20;

/** What is kept of who did what. */
export const auditKeys = {
  retentionDays: {
    description:
      "Days after which rows go, a file of rows at a time; what is over `sizeMax` goes before.",
    expects: "a number of days above 0",
    default: "90",
    schema: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(36_500))),
  },
  sizeMax: {
    description:
      "What all rows may take on the disk; the oldest go first. 1 GiB or a 16th of the disk, whichever is less, unless it is told.",
    expects: `${byteCountExpects}, of 1 MiB or more`,
    schema: v.optional(
      v.pipe(
        v.string(),
        v.transform(parseByteCount),
        v.custom<number>((bytes) => typeof bytes === "number" && bytes >= mebibyte),
      ),
    ),
  },
  reads: {
    description:
      "Whether a read that succeeded is a row, too; what was denied or failed always is.",
    expects: "true or false",
    default: "false",
    schema: v.optional(v.boolean()),
  },
} as const satisfies Record<string, SectionKey>;

export const auditSchema = v.optional(
  v.strictObject({
    retentionDays: auditKeys.retentionDays.schema,
    sizeMax: auditKeys.sizeMax.schema,
    reads: auditKeys.reads.schema,
  } satisfies Record<keyof typeof auditKeys, v.GenericSchema>),
  {},
);
