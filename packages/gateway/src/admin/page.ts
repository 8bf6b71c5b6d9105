import * as v from "valibot";
import { afterToken, pageToken } from "./page-token.ts";

/** How many entries a page has unless it is told. */
export const pageSize = 100;

const most = 1000;

const expects = `a whole number from 1 to ${most}`;

/** What every list takes. */
export const paging = {
  limit: v.optional(
    v.pipe(
      v.string(expects),
      v.regex(/^[0-9]{1,4}$/, expects),
      v.transform(Number),
      v.minValue(1, expects),
      v.maxValue(most, expects),
    ),
  ),
  pageToken: v.optional(v.pipe(v.string(), v.maxLength(2000, "a token that this list gave out"))),
};

/** What every list gives beside its entries; absent on the last page. */
export const nextPageToken = v.optional(v.string());

interface Wish<T> {
  readonly query: {
    readonly limit?: number | undefined;
    readonly pageToken?: string | undefined;
  };
  /** What an entry is found by again; entries are in ascending order of it. */
  readonly idOf: (entry: T) => string;
}

/** One page of sorted entries. What was added or removed between two pages neither repeats nor hides another entry. */
export function pageOf<T>(
  entries: readonly T[],
  { query, idOf }: Wish<T>,
): { readonly entries: T[]; readonly nextPageToken?: string } {
  const after = afterToken(query.pageToken);
  const rest = after === undefined ? entries : entries.filter((entry) => idOf(entry) > after);
  const shown = rest.slice(0, query.limit ?? pageSize);
  const last = shown.at(-1);
  return last === undefined || shown.length === rest.length
    ? { entries: shown }
    : { entries: shown, nextPageToken: pageToken(idOf(last)) };
}
