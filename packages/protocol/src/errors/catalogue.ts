import type { ErrorRow } from "./row.ts";

/** Every code that can stand in `<Code>`, spelled as on the wire. Nothing else may restate a row. */
export const catalogue = {
  AccessDenied: {
    status: 403,
    category: "forbidden",
    retry: "never",
    message: "Access Denied",
    origin: "aws-s3",
  },
  NoSuchKey: {
    status: 404,
    category: "not-found",
    retry: "never",
    message: "The specified key does not exist.",
    origin: "aws-s3",
    details: ["Key"],
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof catalogue;

/** The details a code demands: `DetailsOf<"NoSuchKey">` is `{ readonly Key: string }`. */
export type DetailsOf<C extends ErrorCode> = (typeof catalogue)[C] extends {
  readonly details: readonly (infer Name extends string)[];
}
  ? { readonly [K in Name]: string }
  : object;
