import type { ErrorRow } from "../row.ts";

/** What the XML reader finds; apart, so that a program which only reads XML carries no other row. */
export const xmlRows = {
  MalformedXML: {
    status: 400,
    category: "invalid-request",
    retry: "never",
    message:
      "The XML that you provided was not well formed or did not validate against our published schema.",
    origin: "aws-s3",
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
