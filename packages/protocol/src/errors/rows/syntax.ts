import type { ErrorRow } from "../row.ts";

/** What naming, signing and reading XML can find; apart, so that a client carries these rows and no others. */
export const syntaxRows = {
  InvalidArgument: {
    status: 400,
    category: "invalid-request",
    retry: "never",
    message: "An argument of the request is not valid.",
    origin: "aws-s3",
  },
  InvalidURI: {
    status: 400,
    category: "invalid-path",
    retry: "never",
    message: "The specified URI could not be parsed.",
    origin: "aws-s3",
  },
  KeyTooLongError: {
    status: 400,
    category: "invalid-path",
    retry: "never",
    message: "Your key is too long.",
    origin: "aws-s3",
    details: ["Size", "MaxSizeAllowed"],
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
