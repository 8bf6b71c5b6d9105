import type { Cell, Subject } from "./cell.ts";
import { deleting } from "./deleting.ts";
import { guarding } from "./guarding.ts";
import { listing } from "./listing.ts";
import { moving } from "./moving.ts";
import { reading } from "./reading.ts";
import { writing } from "./writing.ts";

/** Every promise that a backend has to keep. */
export const cells: readonly Cell[] = [
  ...guarding,
  ...reading,
  ...writing,
  ...deleting,
  ...moving,
  ...listing,
];

/** The `test` of Vitest or of `node:test`. */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  skip(name: string, run: () => Promise<void>): unknown;
}

/** Registers a test for each promise; one that does not apply to the backend is skipped, and its name says why. */
export async function conformance(subject: Subject, test: TestFunction): Promise<void> {
  const probe = await subject.make();
  const { driver } = probe;
  await probe.end();
  for (const cell of cells) {
    const name = `${subject.name}: ${cell.promise} (${cell.id})`;
    const lacking = cell.needs?.find((capability) => !driver.capabilities.has(capability));
    const isOther = cell.namespace !== undefined && cell.namespace !== driver.namespace;
    const run = (): Promise<void> => runCell(cell, subject);
    if (lacking !== undefined) test.skip(`${name}: needs ${lacking}`, run);
    else if (isOther) test.skip(`${name}: the namespace is ${driver.namespace}`, run);
    else test(name, run);
  }
}

async function runCell(cell: Cell, subject: Subject): Promise<void> {
  const fixture = await subject.make();
  try {
    await cell.run(fixture);
  } finally {
    await fixture.store.close();
    await fixture.end();
  }
}
