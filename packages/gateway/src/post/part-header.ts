import { s3Error, type S3Error } from "@holdfast/protocol";

/** What the header of one part of a form says. */
export interface PartHeader {
  readonly name: string;
  /** Of the file, as whoever sends it calls it. */
  readonly filename: string | undefined;
}

/** The refusal of a body that is no form. */
export function malformedForm(reason: string, cause?: unknown): S3Error {
  return s3Error("MalformedPOSTRequest", undefined, { reason, cause });
}

/** The boundary that a `Content-Type` of `multipart/form-data` names, or `RequestIsNotMultiPartContent`. */
export function boundaryOf(contentType: string | undefined): string {
  const match = /^multipart\/form-data *(?:;(.*))?$/i.exec(contentType?.trim() ?? "");
  if (match === null) throw s3Error("RequestIsNotMultiPartContent");
  const boundary = readParameters(match[1] ?? "").get("boundary");
  // RFC 2046, 5.1.1.
  if (boundary !== undefined && /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/.test(boundary)) {
    return boundary;
  }
  throw malformedForm("bad_boundary");
}

/** Reads a part's header lines (RFC 7578, 4.2). */
export function readPartHeader(lines: readonly string[]): PartHeader {
  let header: PartHeader | undefined;
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === "") throw malformedForm("bad_part_header");
    if (name === "content-disposition") {
      if (header !== undefined) throw malformedForm("repeated_part_header");
      header = readDisposition(value);
    }
    // RFC 7578, 4.7: not in use. Bytes that are kept as they came would not be the file's.
    if (name === "content-transfer-encoding" && !/^(?:7bit|8bit|binary)$/i.test(value)) {
      throw malformedForm("part_transfer_encoding");
    }
  }
  if (header === undefined) throw malformedForm("part_without_name");
  return header;
}

function readDisposition(value: string): PartHeader {
  const [, rest] = /^form-data *;(.*)$/is.exec(value) ?? [];
  const parameters = readParameters(rest ?? "");
  const name = parameters.get("name");
  if (name === undefined || name === "") throw malformedForm("part_without_name");
  return { name, filename: parameters.get("filename") };
}

/** `a=b; c="d\"e"`, by name in lower case. */
function readParameters(text: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    const start = /^[ \t;]*/.exec(text.slice(at))?.[0].length ?? 0;
    at += start;
    if (at === text.length) break;
    const [head = "", name = ""] = /^([^\s;="]+) *= */.exec(text.slice(at)) ?? [];
    if (head === "" || parameters.has(name.toLowerCase())) throw malformedForm("bad_parameter");
    const [value, end] = readValue(text, at + head.length);
    parameters.set(name.toLowerCase(), value);
    at = end;
  }
  return parameters;
}

function readValue(text: string, start: number): readonly [value: string, end: number] {
  if (text[start] !== '"') {
    const [token = ""] = /^[^\s;"]*/.exec(text.slice(start)) ?? [];
    return [token, start + token.length];
  }
  let value = "";
  for (let at = start + 1; at < text.length; at += 1) {
    const one = text[at] ?? "";
    if (one === '"') return [value, at + 1];
    const next = text[at + 1] ?? "";
    // Browsers write the backslashes of a path as they are.
    const isEscape = one === "\\" && (next === '"' || next === "\\");
    value += isEscape ? next : one;
    if (isEscape) at += 1;
  }
  throw malformedForm("open_quote");
}
