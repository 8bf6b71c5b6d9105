import {
  array,
  assert,
  asyncProperty,
  integer,
  nat,
  option,
  record,
  uniqueArray,
} from "fast-check";
import { expect, test } from "vitest";
import { memoryStore } from "./memory-store.ts";
import type { Change, Cursor } from "./ordered-store.ts";
import { overlaidCursor } from "./overlaid-cursor.ts";

const key = integer({ min: 0, max: 30 }).map((byte) => Buffer.from([byte]));
const value = option(
  nat(9).map((byte) => Buffer.from([byte])),
  { nil: undefined },
);
const changes = uniqueArray(record({ key, value }), {
  selector: (change) => change.key.toString("latin1"),
  maxLength: 20,
});

async function walk(
  cursor: Cursor,
  steps: readonly number[],
  seeks: readonly (Buffer | undefined)[],
) {
  const seen: string[] = [];
  for (let step = 0; ; step += 1) {
    const to = seeks[step];
    if (to !== undefined) cursor.seek(to);
    const entries = await cursor.next(steps[step % steps.length] ?? 1);
    if (entries.length === 0 && step >= seeks.length) return seen;
    seen.push(
      ...entries.map(([found, bytes]) => `${found.toString("hex")}=${bytes.toString("hex")}`),
    );
  }
}

test("a walk over a store with changes on top is the walk over the store that took them", async () => {
  const steps = array(integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
  const seeks = array(option(key, { nil: undefined }), { maxLength: 4 });
  const whole = (first: readonly Change[], second: readonly Change[]): Cursor => {
    const store = memoryStore({ durable: new Map(), unflushed: [first, second] });
    return store.range(Buffer.alloc(0), Buffer.from([0xff]));
  };
  const cases = record({ first: changes, second: changes, counts: steps, targets: seeks });
  await assert(
    asyncProperty(cases, async ({ first, second, counts, targets }) => {
      const sorted = second.toSorted((a, b) => Buffer.compare(a.key, b.key));
      // Walked to its end after every seek: how many come at a time is the cursor's own choice.
      const all = counts.map((count) => count + 100);
      const overlaid = overlaidCursor(whole(first, []), sorted);
      expect(await walk(overlaid, all, targets)).toEqual(
        await walk(whole(first, second), all, targets),
      );
      const byBits = overlaidCursor(whole(first, []), sorted);
      expect(await walk(byBits, counts, [])).toEqual(await walk(whole(first, second), counts, []));
    }),
    { numRuns: 1000 },
  );
});
