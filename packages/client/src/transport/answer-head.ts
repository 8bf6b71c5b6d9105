import { MalformedAnswer } from "./malformed-answer.ts";
import type { ResponseHeaders } from "./transport.ts";

/** The most that a head may be long, in bytes, as Node has it. */
export const headBytesMax = 16 * 1024;
/** A service's own fields, and as many entries of metadata as 2 KB of them can be. */
const fieldsMax = 1_100;

/** How a body's end is found: after so many bytes, with its last chunk, or where the connection ends. */
export type Framing = number | "chunked" | "until-close";

/** The head of an answer, and what it says of the bytes that follow. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** As they came: name, value, name, value. */
  readonly fields: readonly string[];
  readonly framing: Framing;
  /** Whether the connection may be used again. */
  readonly keeps: boolean;
}

/** RFC 9112, sections 4 and 5, without the leniency that they allow: no folded lines, no bare CR or LF. */
const grammar =
  /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*\r\n$/;
/** More than any object has, and less than where numbers are no longer exact. */
const lengthGrammar = /^(?:0|[1-9]\d{0,14})$/;
const closeGrammar = /(?:^|,)[ \t]*close[ \t]*(?:,|$)/i;

/** Those that say where a body ends. */
const framingFields: ReadonlySet<string> = new Set(["content-length", "transfer-encoding"]);

/** Those that a message has once: of a repeated one the first counts, as with Node. */
const singles: ReadonlySet<string> = new Set([
  "age",
  "content-type",
  "etag",
  "expires",
  "last-modified",
  "location",
  "retry-after",
  "server",
]);

/** Reads a head, with its empty line, of an answer to `method`. Throws a `MalformedAnswer` for all that is in doubt. */
export function readAnswerHead(text: string, method: string): AnswerHead {
  const [, minor, digits] = grammar.exec(text) ?? MalformedAnswer.refuse("the head is not HTTP's");
  const status = Number(digits);
  const fields = fieldsOf(text);
  const headers = headersOf(fields);
  const isOld = minor === "0";
  const framing = framingOf({ status, headers, method, isOld });
  const { connection } = headers;
  const keeps =
    !isOld &&
    framing !== "until-close" &&
    !(status === 204 && announcesBody(headers)) &&
    (connection === undefined || !closeGrammar.test(connection));
  return { status, headers, fields, framing, keeps };
}

/** The fields of a head or a trailer that has been found to be well-formed. */
function fieldsOf(text: string): string[] {
  const fields: string[] = [];
  const end = text.length - 2;
  let at = text.indexOf("\r\n") + 2;
  while (at < end) {
    const colon = text.indexOf(":", at);
    const lineEnd = text.indexOf("\r\n", colon);
    const name = lowerCase(text.slice(at, colon));
    // Not all take it for white space there, and they would see the body end elsewhere.
    if (framingFields.has(name) && text.slice(colon, lineEnd).includes("\t")) {
      MalformedAnswer.refuse("a tab stands beside the length or the coding");
    }
    fields.push(name, trimmed(text, colon + 1, lineEnd));
    at = lineEnd + 2;
  }
  if (fields.length > 2 * fieldsMax) MalformedAnswer.refuse("the head has too many fields");
  return fields;
}

function headersOf(fields: readonly string[]): ResponseHeaders {
  const headers: Record<string, string | undefined> = {};
  for (let index = 0; index < fields.length; index += 2) {
    add(headers, fields[index] ?? "", fields[index + 1] ?? "");
  }
  return headers;
}

function add(headers: Record<string, string | undefined>, name: string, value: string): void {
  // A process can be told to take the second for an attack.
  if (name === "set-cookie" || name === "__proto__") return;
  const before = headers[name];
  if (before === undefined || !Object.hasOwn(headers, name)) headers[name] = value;
  else if (name === "content-length") MalformedAnswer.refuse("the length is stated twice");
  else if (!singles.has(name)) headers[name] = `${before}, ${value}`;
}

/** Names as servers write them, so that the same few are not made anew with each answer. */
const names = new Map<string, string>();
const namesMax = 200;

function lowerCase(written: string): string {
  const known = names.get(written);
  if (known !== undefined) return known;
  const name = written.toLowerCase();
  if (names.size < namesMax && name.length < 64) names.set(written, name);
  return name;
}

function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

interface Stated {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly method: string;
  /** Whether it is HTTP/1.0, which has no chunks. */
  readonly isOld: boolean;
}

/** RFC 9112, section 6.3, where it leaves no doubt. */
function framingOf(stated: Stated): Framing {
  const { status, method } = stated;
  const framing = statedFraming(stated);
  if (status < 200) return 0;
  if (method === "CONNECT" && status < 300) {
    MalformedAnswer.refuse("the connection became a tunnel");
  }
  return method === "HEAD" || status === 204 || status === 304 ? 0 : framing;
}

/** Of an answer that has none: what announces one may send it (RFC 9112, section 6.3). */
function announcesBody(headers: ResponseHeaders): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

function statedFraming({ headers, isOld }: Stated): Framing {
  const coding = headers["transfer-encoding"];
  const length = headers["content-length"];
  if (length !== undefined && !lengthGrammar.test(length)) {
    MalformedAnswer.refuse("its length is no number");
  }
  if (coding === undefined) return length === undefined ? "until-close" : Number(length);
  if (length !== undefined) MalformedAnswer.refuse("both a length and a coding are stated");
  if (isOld || coding.toLowerCase() !== "chunked") {
    MalformedAnswer.refuse("its coding is another than chunked");
  }
  return "chunked";
}
