import assert from "node:assert/strict";
import type { Fixture } from "./cell.ts";
import { all } from "./expect-failure.ts";

/** Nothing but these files is there, neither to be seen nor hidden. */
export async function expectOnly(fixture: Fixture, paths: readonly string[]): Promise<void> {
  const files = await all(fixture.store.listFiles("", { recursive: true }));
  assert.deepEqual(
    files.map(({ path }) => path),
    paths,
  );
  assert.deepEqual(await fixture.leftovers(), []);
}
