import type { ErrorRow } from "./row.ts";
import { authenticationRows } from "./rows/authentication.ts";
import { authorizationRows } from "./rows/authorization.ts";
import { availabilityRows } from "./rows/availability.ts";
import { bodyRows } from "./rows/body.ts";
import { capacityRows } from "./rows/capacity.ts";
import { conflictRows } from "./rows/conflict.ts";
import { multipartRows } from "./rows/multipart.ts";
import { notFoundRows } from "./rows/not-found.ts";
import { redirectRows } from "./rows/redirect.ts";
import { requestRows } from "./rows/request.ts";
import { selectExpressionRows } from "./rows/select-expression.ts";
import { selectInputRows } from "./rows/select-input.ts";
import { selectSyntaxRows } from "./rows/select-syntax.ts";
import { syntaxRows } from "./rows/syntax.ts";
import { unsupportedRows } from "./rows/unsupported.ts";

/** Every code that can stand in `<Code>`, spelled as on the wire. Nothing else may restate a row. */
export const catalogue = {
  ...authenticationRows,
  ...authorizationRows,
  ...availabilityRows,
  ...bodyRows,
  ...capacityRows,
  ...conflictRows,
  ...multipartRows,
  ...notFoundRows,
  ...redirectRows,
  ...requestRows,
  ...selectExpressionRows,
  ...selectInputRows,
  ...selectSyntaxRows,
  ...syntaxRows,
  ...unsupportedRows,
} as const satisfies Readonly<Record<string, ErrorRow>>;

/** A code that the catalogue knows. */
export type ErrorCode = keyof typeof catalogue;

/** The details a code demands: `DetailsOf<"NoSuchKey">` is `{ readonly Key: string }`. */
export type DetailsOf<C extends ErrorCode> = (typeof catalogue)[C] extends {
  readonly details: readonly (infer Name extends string)[];
}
  ? { readonly [K in Name]: string }
  : object;

/** The other causes that a code has, where one code names several: `VariantOf<"EntityTooLarge">` is `"quota"`. */
export type VariantOf<C extends ErrorCode> = (typeof catalogue)[C] extends {
  readonly variants: infer Variants;
}
  ? keyof Variants & string
  : never;
