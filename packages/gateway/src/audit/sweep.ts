import { errnoOf } from "@holdfast/engine";
import type { AuditRow } from "./audit-event.ts";
import { comparePlaces, placeOf, type Place } from "./place.ts";
import { readRow } from "./read-row.ts";
import { linesOf, type Direction } from "./segment-lines.ts";
import type { Segment } from "./segment.ts";

interface Active {
  readonly rows: AsyncGenerator<AuditRow>;
  head: AuditRow;
  place: Place;
}

/**
 * The rows of all segments in the order of their places, or the other way round. A segment is opened once its time has
 * come, so that few are open at a time.
 */
export async function* sweep(
  segments: readonly Segment[],
  direction: Direction,
): AsyncGenerator<AuditRow> {
  const sign = direction === "forward" ? 1 : -1;
  const edge = (segment: Segment): number => sign * (sign === 1 ? segment.from : segment.to);
  const waiting = segments.toSorted((one, other) => edge(one) - edge(other));
  const active: Active[] = [];
  const open = async (): Promise<void> => {
    const segment = waiting.shift();
    const begun = segment && (await begin(rowsOf(segment.path, direction)));
    if (begun !== undefined) active.push(begun);
  };
  try {
    for (;;) {
      let next = firstOf(active, sign);
      const [segment] = waiting;
      if (
        segment !== undefined &&
        (next === undefined || edge(segment) <= sign * next.place.time)
      ) {
        await open();
        continue;
      }
      if (next === undefined) return;
      yield next.head;
      if (!(await advance(next))) active.splice(active.indexOf(next), 1);
    }
  } finally {
    await Promise.all(active.map(({ rows }) => rows.return(undefined)));
  }
}

function firstOf(active: readonly Active[], sign: number): Active | undefined {
  let first: Active | undefined;
  for (const one of active) {
    if (first === undefined || sign * comparePlaces(one.place, first.place) < 0) first = one;
  }
  return first;
}

async function begin(rows: AsyncGenerator<AuditRow>): Promise<Active | undefined> {
  const { value, done } = await rows.next();
  return done === true ? undefined : { rows, head: value, place: placeOf(value) };
}

async function advance(active: Active): Promise<boolean> {
  const { value, done } = await active.rows.next();
  if (done === true) return false;
  active.head = value;
  active.place = placeOf(value);
  return true;
}

async function* rowsOf(path: string, direction: Direction): AsyncGenerator<AuditRow> {
  try {
    for await (const line of linesOf(path, direction)) {
      const row = readRow(line);
      if (row !== undefined) yield row;
    }
  } catch (cause) {
    // The retention was quicker.
    if (errnoOf(cause) !== "ENOENT") throw cause;
  }
}
