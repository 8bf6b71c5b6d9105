import type { Cell, Fixture, Hand, Subject } from "./cell.ts";

const faults: readonly Hand[] = ["refused-keys", "reset", "throttled", "truncated", "unavailable"];

/** Why a cell is no promise of this backend, or undefined if it is one. */
export function whyNot(cell: Cell, subject: Subject, { driver }: Fixture): string | undefined {
  const lacking = cell.needs?.find((capability) => !driver.capabilities.has(capability));
  if (lacking !== undefined) return `needs ${lacking}`;
  if (cell.namespace !== undefined && cell.namespace !== driver.namespace) {
    return `the namespace is ${driver.namespace}`;
  }
  const absent = cell.protocols?.find((protocol) => !(protocol in driver));
  if (absent !== undefined) return `the driver has no ${absent}`;
  const missing = cell.hands?.find((hand) => subject.without?.[hand] !== undefined);
  return missing && `without ${missing}: ${subject.without?.[missing]}`;
}

/** What is wrong with how a subject is set up, each in a sentence. */
export function faultsOfSetup(
  cells: readonly Cell[],
  subject: Subject,
  fixture: Fixture,
): readonly string[] {
  const { without = {}, exceptions = {} } = subject;
  const unexplained = handsOf(fixture)
    .filter(([hand, has]) => !has && without[hand] === undefined)
    .map(([hand]) => `its fixture has no ${hand}, and "without" does not say why`);
  const idle = Object.keys(exceptions)
    .filter((id) => {
      const cell = cells.find((one) => one.id === id);
      return cell === undefined || whyNot(cell, subject, fixture) !== undefined;
    })
    .map((id) => `its exception ${id} is no cell that applies to it`);
  return [...unexplained, ...idle];
}

function handsOf(fixture: Fixture): readonly (readonly [hand: Hand, has: boolean])[] {
  const { seed, dropContainer, denyAll, faultNext, driver } = fixture;
  return [
    ["seed", seed !== undefined || driver.capabilities.has("write")],
    ["dropContainer", dropContainer !== undefined],
    ["denyAll", denyAll !== undefined],
    ...faults.map((fault) => [fault, faultNext !== undefined] as const),
  ];
}
