import {
  formatValue,
  invalidInput,
  parseValue,
  type ValueKind,
  type ValueTypes,
} from "./values.ts";

/** Where a field travels, and as what. */
type HeaderField = readonly [header: string, kind: ValueKind];

/** Fields by their names in code. One table serves both ways. */
export type HeaderTable = Readonly<Record<string, HeaderField>>;

/** The fields of a table as a caller gives them. */
export type HeaderInput<Table extends HeaderTable> = {
  readonly [Field in keyof Table]?: ValueTypes[Table[Field][1]] | undefined;
};

/** The fields of a table as an answer has them; what it lacks is absent. */
export type HeaderOutput<Table extends HeaderTable> = {
  readonly [Field in keyof Table]?: ValueTypes[Table[Field][1]];
};

/** Headers to be sent, by lower-case name. */
export type RequestHeaders = Record<string, string | undefined>;

/** Headers that came, by lower-case name. */
export type AnswerHeaders = Readonly<Record<string, string | undefined>>;

/** Sets the headers of those fields that the input has. */
export function writeHeaders(table: HeaderTable, input: object, headers: RequestHeaders): void {
  for (const field of Object.keys(input)) {
    const entry = Object.hasOwn(table, field) ? table[field] : undefined;
    const value: unknown = entry && Reflect.get(input, field);
    if (entry === undefined || value === undefined) continue;
    headers[entry[0]] = sendable(entry[0], formatValue(entry[1], value));
  }
}

/** Refuses a value with line ends or with characters that have no byte: it would be cut, or signed as what it is not. */
function sendable(header: string, value: string): string {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
    throw invalidInput(`The header ${header} cannot carry a character of the value given for it.`);
  }
  return value;
}

/** Adds the fields that the headers have to an output. */
export function readHeaders<Table extends HeaderTable, Output extends object>(
  table: Table,
  headers: AnswerHeaders,
  output: Output,
): Output & HeaderOutput<Table>;
export function readHeaders(
  table: HeaderTable,
  headers: AnswerHeaders,
  output: Record<string, unknown>,
): object {
  for (const field in table) {
    const [header, kind] = table[field] ?? ["", "text"];
    const text = headers[header];
    if (text !== undefined && text !== "") output[field] = parseValue(kind, text);
  }
  return output;
}
