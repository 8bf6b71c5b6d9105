import { publicError } from "./perform.ts";
import type { CallOptions } from "../request/call.ts";
import type { ClientRow } from "./rows.ts";
import { malformed } from "./values.ts";

/** A listing: iterate over it for its entries, all pages of them, or over its pages. Nothing is asked for before. */
export interface Listing<Entry, Page> extends AsyncIterable<Entry> {
  /** Page after page, from where the input says. A page holds what it takes to go on after it. */
  pages(): AsyncIterable<Page>;
  /** The first of the pages alone. */
  page(): Promise<Page>;
}

/** How a listing goes from page to page. */
export interface Paging<Input extends ListingTarget, Entry, Page> {
  readonly row: ClientRow;
  readonly input: Input;
  fetch(input: Input): Promise<Page>;
  entries(page: Page): readonly Entry[];
  /** The markers of the next page as the input takes them, or undefined after the last. */
  next(page: Page): Partial<Input> | undefined;
}

interface ListingTarget extends CallOptions {
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
}

/** A listing over pages. One that goes in circles is `MalformedResponse`, instead of one that never ends. */
export function listing<Input extends ListingTarget, Entry, Page>(
  paging: Paging<Input, Entry, Page>,
): Listing<Entry, Page> {
  return {
    page: () => paging.fetch(paging.input),
    pages: () => pagesOf(paging),
    async *[Symbol.asyncIterator]() {
      for await (const page of pagesOf(paging)) yield* paging.entries(page);
    },
  };
}

async function* pagesOf<Input extends ListingTarget, Entry, Page>(
  paging: Paging<Input, Entry, Page>,
): AsyncIterable<Page> {
  let input: Input = paging.input;
  // Brent's way to find a cycle of any length without remembering all places.
  let mark: string | undefined;
  let sinceMark = 0;
  let untilNextMark = 1;
  for (;;) {
    const page = await paging.fetch(input);
    yield page;
    const next = paging.next(page);
    if (next === undefined) return;
    const place = JSON.stringify(next);
    if (place === mark) throw goesInCircles(paging);
    sinceMark += 1;
    if (sinceMark === untilNextMark) {
      mark = place;
      sinceMark = 0;
      untilNextMark *= 2;
    }
    input = { ...input, ...next };
  }
}

function goesInCircles(paging: { row: ClientRow; input: ListingTarget }): unknown {
  const failure = malformed("The listing goes in circles: two of its pages end in one place.");
  return publicError(failure, { row: paging.row, target: paging.input });
}
