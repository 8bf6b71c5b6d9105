import type { FileInfo, Folder } from "../kernel/results.ts";
import { abortable } from "./abortable.ts";
import type { Listing } from "./layered-store.ts";
import { comparePaths, listedAs } from "./path-order.ts";
import { retryCall, type Retries } from "./retry-call.ts";
import type { StoreCall } from "./store-call.ts";

type Step<T> = IteratorResult<T, void>;

/**
 * A listing that begins anew where it broke off, and passes over what it gave before: each entry comes once, and what
 * was there all along is not left out.
 */
export async function* relisted<T extends FileInfo | Folder>(
  retries: Retries,
  call: StoreCall,
  list: () => Listing<T>,
): Listing<T> {
  let entries = list();
  let last: string | undefined;
  let isBroken = false;

  function again(failure: unknown): Promise<Step<T>> {
    isBroken = true;
    return retryCall(retries, call, async ({ attempt, signal }) => {
      if (attempt === 1) throw failure;
      entries = list();
      let step = await abortable(entries.next(), signal, { ...call, backend: retries.backend });
      while (step.done !== true && !isNews(step.value, last)) step = await entries.next();
      return step;
    });
  }

  try {
    for (;;) {
      const step: Step<T> = await entries.next().catch(again);
      isBroken = false;
      if (step.done === true) return;
      last = listedAs(step.value);
      yield step.value;
    }
  } finally {
    // One that nobody waited for to the end may never come to it.
    const closing = entries.return();
    if (isBroken) closing.catch(ignore);
    else await closing;
  }
}

function ignore(): void {}

function isNews(entry: FileInfo | Folder, last: string | undefined): boolean {
  return last === undefined || comparePaths(listedAs(entry), last) > 0;
}
