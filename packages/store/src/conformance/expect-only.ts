import assert from "node:assert/strict";
import type { Fixture } from "./cell.ts";
import { all } from "./expect-failure.ts";

/** These files are there and no others, as far as a listing shows. */
export async function expectListed({ store }: Fixture, paths: readonly string[]): Promise<void> {
  const files = await all(store.listFiles("", { recursive: true }));
  assert.deepEqual(
    files.map(({ path }) => path),
    paths,
  );
}

/** Nothing but these files is there, neither to be seen nor hidden. */
export async function expectOnly(fixture: Fixture, paths: readonly string[]): Promise<void> {
  await expectListed(fixture, paths);
  assert.deepEqual(await fixture.leftovers(), []);
}
