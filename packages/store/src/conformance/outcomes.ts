import { RemoteStoreError } from "../errors/remote-store-error.ts";
import type { Store } from "../store.ts";
import { changingCalls, otherCalls, readingCalls, type Call } from "./calls.ts";
import type { Subject } from "./cell.ts";
import { inFixture } from "./in-fixture.ts";
import { seedSituation, situations, type Situation } from "./situations.ts";

/** By call, by situation: the name of the error, or the result in a word. */
export type Outcomes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What every method comes to in every situation that the subject's fixture can bring about. */
export async function outcomesOf(subject: Subject): Promise<Outcomes> {
  const found: Record<string, Record<string, string>> = {};
  for (const situation of situations) {
    if (situation.hand !== undefined && subject.without?.[situation.hand] !== undefined) continue;
    for (const some of sharingABackend(situation)) {
      await inFixture(subject, async (fixture) => {
        await seedSituation(fixture);
        await situation.arrange?.(fixture);
        for (const call of some) {
          const outcome = await outcomeOf(call, fixture.store, situation);
          found[call.said] = { ...found[call.said], [situation.said]: outcome };
        }
      });
    }
  }
  return found;
}

/** What only reads leaves things as they stand; what is arranged may be used up by one call. */
function sharingABackend({ arrange }: Situation): readonly (readonly Call[])[] {
  const alone = [...changingCalls, ...otherCalls].map((call) => [call]);
  return [...(arrange ? readingCalls.map((call) => [call]) : [readingCalls]), ...alone];
}

/** What a call comes to, in a word. */
export async function outcomeOf(
  call: Call,
  store: Store,
  { path, isAborted }: Pick<Situation, "isAborted" | "path">,
): Promise<string> {
  try {
    return wordOf(await call.go(store, path, isAborted && AbortSignal.abort()));
  } catch (error) {
    if (!RemoteStoreError.is(error)) throw error;
    return error.name;
  }
}

function wordOf(result: unknown): string {
  if (typeof result === "boolean") return String(result);
  if (Array.isArray(result)) return result.length === 0 ? "no entries" : "its entries";
  return "done";
}
