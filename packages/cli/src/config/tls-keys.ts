import * as v from "valibot";
import type { SectionKey } from "./section.ts";

const path = v.optional(v.pipe(v.string(), v.minLength(1)));

/** The files that TLS takes. */
export const tlsKeys = {
  certificate: {
    description:
      "The certificate in PEM, and behind it those that lead to one which clients trust.",
    expects: "the path of a file",
    isPath: true,
    schema: path,
  },
  key: {
    description: "Its private key in PEM, which others than its owner and group may not read.",
    expects: "the path of a file",
    isPath: true,
    schema: path,
  },
} as const satisfies Record<string, SectionKey>;

export const tlsSchema = v.optional(
  v.strictObject({
    certificate: tlsKeys.certificate.schema,
    key: tlsKeys.key.schema,
  } satisfies Record<keyof typeof tlsKeys, v.GenericSchema>),
  {},
);
