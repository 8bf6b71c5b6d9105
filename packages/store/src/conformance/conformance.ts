import assert from "node:assert/strict";
import { faultsOfSetup, whyNot } from "./applicability.ts";
import type { Cell, Subject } from "./cell.ts";
import { cells } from "./cells.ts";
import { inFixture } from "./in-fixture.ts";
import { outcomesOf, type Outcomes } from "./outcomes.ts";
import { Tally, type Results } from "./results.ts";

/** The `test` of Vitest or of `node:test`. */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  skip(name: string, run: () => Promise<void>): unknown;
}

/** What else is done with the results. */
export interface ConformanceOptions {
  /** Is given the results once all cells have run; its rejection fails a test. */
  readonly results?: ((results: Results) => Promise<void> | void) | undefined;
}

/**
 * Registers a test for each promise; one that does not apply to the backend is skipped, and its name says why. One that
 * is declared an exception has to fail. The last test prints how many there are of each.
 */
export async function conformance(
  subject: Subject,
  test: TestFunction,
  { results }: ConformanceOptions = {},
): Promise<void> {
  const tally = new Tally(subject, cells);
  const { complaints, ...about } = await inFixture(subject, async (fixture) => {
    for (const cell of cells) register(cell, { subject, test, tally, fixture });
    const { namespace, capabilities } = fixture.driver;
    return {
      complaints: faultsOfSetup(cells, subject, fixture),
      namespace,
      capabilities: [...capabilities].toSorted(),
    };
  });
  test(`${subject.name}: what its fixture cannot do, and what it breaks, is declared`, async () => {
    assert.deepEqual(complaints, []);
  });
  let outcomes: Outcomes = {};
  test(`${subject.name}: each method has one outcome in each situation`, async () => {
    outcomes = await outcomesOf(subject);
  });
  test(`${subject.name}: all ${cells.length} cells are accounted for`, async () => {
    console.log(tally.summary);
    if (!tally.isWhole) return;
    await results?.({ subject: subject.name, ...about, cells: tally.cells, outcomes });
  });
}

interface Registration {
  readonly subject: Subject;
  readonly test: TestFunction;
  readonly tally: Tally;
  readonly fixture: Parameters<typeof whyNot>[2];
}

function register(cell: Cell, { subject, test, tally, fixture }: Registration): void {
  const name = `${subject.name}: ${cell.promise} (${cell.id})`;
  const reason = whyNot(cell, subject, fixture);
  const exception = subject.exceptions?.[cell.id];
  const run = (): Promise<void> => inFixture(subject, (made) => cell.run(made, subject));
  if (reason !== undefined) {
    tally.add(cell, { is: "not-applicable", reason });
    test.skip(`${name}: ${reason}`, run);
  } else if (exception !== undefined) {
    test(`${name}, which it is declared to break: ${exception}`, async () => {
      tally.add(cell, { is: "exception", reason: exception });
      const failed = await run().then(
        () => false,
        () => true,
      );
      assert.ok(failed, "it holds after all; take the exception away");
    });
  } else {
    test(name, async () => {
      tally.add(cell, { is: "broken" });
      await run();
      tally.add(cell, { is: "held" });
    });
  }
}
