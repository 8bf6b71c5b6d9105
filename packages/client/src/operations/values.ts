import {
  formatHttpDate,
  formatIsoDate,
  parseHttpDate,
  parseIsoDate,
  quoteEtag,
  unquoteEtag,
} from "@holdfast/protocol";
import { WireFailure } from "../errors/wire-failure.ts";

/** What a value is in code, by how it stands on the wire. */
export interface ValueTypes {
  readonly text: string;
  /** Text that a document may carry percent-encoded, as its `EncodingType` says. */
  readonly key: string;
  /** What a listing repeats of its request: encoded as keys are, or, by Ceph, as it was asked. */
  readonly echo: string;
  readonly integer: number;
  readonly boolean: boolean;
  /** ISO 8601, in UTC. */
  readonly date: Date;
  readonly "http-date": Date;
  /** In code without its quotes. */
  readonly etag: string;
}

export type ValueKind = keyof ValueTypes;

/** A value as headers, queries and documents carry it. Throws `InvalidRequest` for one that is not of its kind. */
export function formatValue(kind: ValueKind, value: unknown): string {
  switch (kind) {
    case "text":
    case "key":
    case "echo":
      if (typeof value === "string") return value;
      break;
    case "integer":
      if (Number.isSafeInteger(value)) return String(value);
      break;
    case "boolean":
      if (typeof value === "boolean") return String(value);
      break;
    case "etag":
      if (typeof value === "string") return formatEtag(value);
      break;
    case "date":
    case "http-date":
      if (value instanceof Date && !Number.isNaN(value.getTime())) {
        return kind === "date" ? formatIsoDate(value.getTime()) : formatHttpDate(value.getTime());
      }
  }
  throw invalidInput(`A value that has to be ${nameOf[kind]} is not.`);
}

const nameOf: Readonly<Record<ValueKind, string>> = {
  text: "a string",
  key: "a string",
  echo: "a string",
  integer: "a whole number",
  boolean: "true or false",
  date: "a valid Date",
  "http-date": "a valid Date",
  etag: "a string",
};

/** Lists, weak etags and those in quotes stay as they are. */
function formatEtag(etag: string): string {
  return etag === "*" || etag.includes('"') ? etag : quoteEtag(etag);
}

/** Reads a value strictly, coercing nothing. Throws `MalformedResponse` for what is not of its kind. */
export function parseValue<Kind extends ValueKind>(kind: Kind, text: string): ValueTypes[Kind];
export function parseValue(kind: ValueKind, text: string): ValueTypes[ValueKind] {
  const value = parsed(kind, text);
  if (value === undefined) throw malformed(`The service sent something else than ${nameOf[kind]}.`);
  return value;
}

function parsed(kind: ValueKind, text: string): ValueTypes[ValueKind] | undefined {
  switch (kind) {
    case "text":
    case "key":
    case "echo":
      return text;
    case "etag":
      return unquoteEtag(text);
    case "integer":
      return /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text))
        ? Number(text)
        : undefined;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "date":
      return dateAt(parseIsoDate(text));
    case "http-date":
      return dateAt(parseHttpDate(text, Date.now()));
  }
}

function dateAt(timeMs: number | undefined): Date | undefined {
  return timeMs === undefined ? undefined : new Date(timeMs);
}

/** An answer that is not what S3 answers. */
export function malformed(message: string, cause?: unknown): WireFailure {
  return new WireFailure({ code: "MalformedResponse", message, cause });
}

/** An input that cannot be sent as it is. */
export function invalidInput(message: string): WireFailure {
  return new WireFailure({ code: "InvalidRequest", message });
}
