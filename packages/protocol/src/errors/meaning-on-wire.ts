import { codesByMeaning } from "./codes-by-meaning.ts";
import { fallbackFor, type StatusFallback } from "./fallback-for.ts";

interface CodeMeaning extends StatusFallback {
  readonly status: number;
}

interface Meanings {
  readonly codes: ReadonlyMap<string, CodeMeaning>;
  /** A code's other causes, by the code, `@`, and the status that tells the cause apart. */
  readonly variants: ReadonlyMap<string, CodeMeaning>;
}

let meanings: Meanings | undefined;

/**
 * What a server's answer means, and never fails. A catalogued code takes its row's category and retry whatever the
 * status, which only tells its causes apart; any other takes what `fallbackFor` says of the status. So do codes of S3 Select that
 * say no more than the status which they come with.
 */
export function meaningOnWire(code: string | undefined, status: number): StatusFallback {
  meanings ??= readMeanings();
  const { codes, variants } = meanings;
  const name = code || String(status);
  return variants.get(`${name}@${status}`) ?? codes.get(name) ?? fallbackFor(status);
}

/**
 * The status that a catalogued code comes with, in the `documented` profile; undefined for any other, and for those of
 * S3 Select that say no more than their status.
 */
export function statusOfCode(code: string): number | undefined {
  meanings ??= readMeanings();
  return meanings.codes.get(code)?.status;
}

function readMeanings(): Meanings {
  const codes = new Map<string, CodeMeaning>();
  const variants = new Map<string, CodeMeaning>();
  for (const [status, category, retry, names] of codesByMeaning) {
    for (const name of names.split(/,\n?/)) {
      (name.includes("@") ? variants : codes).set(name, { status, category, retry });
    }
  }
  return { codes, variants };
}
