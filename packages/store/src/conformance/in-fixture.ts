import type { Fixture, Subject } from "./cell.ts";

/** Does something with a backend of its own, which is taken away however it ends. */
export async function inFixture<T>(
  subject: Subject,
  work: (fixture: Fixture) => Promise<T>,
): Promise<T> {
  const fixture = await subject.make();
  try {
    return await work(fixture);
  } finally {
    await fixture.store.close();
    await fixture.end();
  }
}
