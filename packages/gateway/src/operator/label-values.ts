import { catalogue, operations, type ErrorMeaning, type ErrorRow } from "@holdfast/protocol";

/** What stands for every value that a label does not have. */
export const otherValue = "other";

/** What a request is told as that fits no row of the table of operations. */
export const unknownOperation = "Unknown";

export const operationValues: readonly string[] = [...Object.keys(operations), unknownOperation];

export const codeValues: readonly string[] = [...Object.keys(catalogue), otherValue];

const rows: readonly ErrorRow[] = Object.values(catalogue);
const meanings: readonly ErrorMeaning[] = rows.flatMap((row) => [
  row,
  ...Object.values(row.variants ?? {}),
]);
const successes = [200, 201, 204, 206, 303, 304];
const statuses = new Set([
  ...successes,
  ...meanings.flatMap(({ status, awsStatus = status }) => [status, awsStatus]),
]);

/** Every status that an answer of ours can have; an upstream may think of others. */
export const statusValues: readonly string[] = [
  ...[...statuses].toSorted((one, another) => one - another).map(String),
  otherValue,
];
