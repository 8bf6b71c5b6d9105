import type { ErrorRow } from "../row.ts";

/** What signing and reading XML can find; apart, so that a client carries these rows and no others. */
export const syntaxRows = {
  InvalidURI: {
    status: 400,
    category: "invalid-path",
    retry: "never",
    message: "The specified URI could not be parsed.",
    origin: "aws-s3",
  },
  MalformedXML: {
    status: 400,
    category: "invalid-request",
    retry: "never",
    message:
      "The XML that you provided was not well formed or did not validate against our published schema.",
    origin: "aws-s3",
  },
} as const satisfies Readonly<Record<string, ErrorRow>>;
