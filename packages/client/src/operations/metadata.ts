import type { AnswerHeaders, RequestHeaders } from "./header-table.ts";
import { invalidInput } from "./values.ts";

const prefix = "x-amz-meta-";
const token = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** Text that travels as it is: visible ASCII, with single spaces between. What looks encoded would be decoded. */
const plain = /^(?!.*=\?)[!-~]+(?: [!-~]+)*$/;

/**
 * Sets the headers of an object's own metadata. Names are in lower case, as S3 keeps them; a value that no header
 * can carry as it is becomes a word of RFC 2047, which is what S3 itself answers for one.
 */
export function writeMetadata(
  metadata: Readonly<Record<string, string>> | undefined,
  headers: RequestHeaders,
): void {
  if (metadata === undefined) return;
  for (const [name, value] of Object.entries(metadata)) {
    const lowerCase = name.toLowerCase();
    if (!token.test(lowerCase))
      throw invalidInput("The name of a metadata entry has a character that none may have.");
    const header = prefix + lowerCase;
    if (headers[header] !== undefined)
      throw invalidInput("Two metadata entries have one name but for its case.");
    headers[header] = encodeValue(value);
  }
}

/** The metadata that came with an object, its words of RFC 2047 decoded; names in lower case. */
export function readMetadata(headers: AnswerHeaders): Record<string, string> {
  const entries: [string, string][] = [];
  for (const name in headers) {
    const value = name.startsWith(prefix) ? headers[name] : undefined;
    if (value !== undefined) entries.push([name.slice(prefix.length), decodeValue(value)]);
  }
  return Object.fromEntries(entries);
}

function encodeValue(value: string): string {
  if (value === "" || plain.test(value)) return value;
  return `=?UTF-8?B?${Buffer.from(value).toString("base64")}?=`;
}

const words = /=\?[\w-]+\?[bq]\?[^? ]*\?=/gi;
const word = /^=\?([\w-]+)\?([bq])\?([^? ]*)\?=$/i;

/** Decodes RFC 2047's words; white space between two of them is no part of the text. */
function decodeValue(value: string): string {
  if (!value.includes("=?")) return value;
  return value.replaceAll(/(\?=)[ \t]+(?==\?)/g, "$1").replaceAll(words, decodeWord);
}

/** A word whose character set is not known, or whose bytes are not of it, stays as it is. */
function decodeWord(whole: string): string {
  const [, charset, encoding = "", text = ""] = word.exec(whole) ?? [];
  const isBase64 = encoding.toUpperCase() === "B";
  const bytes = isBase64 ? Buffer.from(text, "base64") : Buffer.from(quoted(text), "latin1");
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return whole;
  }
}

function quoted(text: string): string {
  return text
    .replaceAll("_", " ")
    .replaceAll(/=([0-9A-F]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}
