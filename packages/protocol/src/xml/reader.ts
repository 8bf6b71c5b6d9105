import type { XmlElement } from "./element.ts";
import { malformedXml } from "../errors/malformed-xml.ts";
import { resolveReferences } from "./references.ts";

/** What a document may be at most. Raise `nodesMax` where S3 allows more: 10,000 parts are some 40,000 elements. */
export interface XmlLimits {
  /** Bytes of the whole document, 1 MiB by default. */
  readonly bytesMax?: number;
  /** Elements of the whole document, 20,000 by default. */
  readonly nodesMax?: number;
}

const depthMax = 32;
const nameBytesMax = 64;
const attributesMax = 32;

/** An element that is still being read. */
interface OpenElement {
  /** Prefix and local name, as the end tag must repeat them. */
  readonly qualifiedName: string;
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/** Where the reader stands. `root` is set once the outermost element has ended. */
interface Reading {
  readonly source: string;
  readonly nodesMax: number;
  readonly open: OpenElement[];
  nodes: number;
  at: number;
  root: XmlElement | undefined;
}

const space = /[ \t\r\n]*/y;
const tagName = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y;
const attribute = /[ \t\r\n]+([A-Za-z_][\w.:-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y;
/** A start tag as S3's documents have most: no prefix, no attribute. Its name is within the limit. */
const plainStartTag = /<[A-Za-z_][\w.-]{0,63}>/y;
const startTagEnd = /[ \t\r\n]*(\/?)>/y;
const endTagEnd = /[ \t\r\n]*>/y;

/**
 * Reads an S3 document: UTF-8, no DTD, no entity beyond XML's five, nothing coerced, white space and line ends as they are.
 * Attributes are checked and dropped. Characters that XML 1.0 forbids are kept, raw or by reference, because a key may
 * hold them and clients send both. Anything else that is not well formed, or beyond a limit, is MalformedXML.
 */
export function readXml(bytes: Uint8Array, limits: XmlLimits = {}): XmlElement {
  const { bytesMax = 2 ** 20, nodesMax = 20_000 } = limits;
  if (bytes.byteLength > bytesMax) throw malformedXml("xml_too_large");
  const source = decodeUtf8(bytes);
  // Before anything is parsed: a DTD is the only way for a document to define what it expands to.
  if (source.includes("<!DOCTYPE")) throw malformedXml("xml_dtd");
  const reading: Reading = { source, nodesMax, open: [], nodes: 0, at: 0, root: undefined };
  while (reading.at < source.length) {
    readText(reading);
    if (reading.at < source.length) readMarkup(reading);
  }
  if (reading.root === undefined) throw malformedXml("xml_unclosed");
  return reading.root;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw malformedXml("xml_not_utf8", cause);
  }
}

function readText(reading: Reading): void {
  const { source, at } = reading;
  const next = source.indexOf("<", at);
  const end = next === -1 ? source.length : next;
  const element = reading.open.at(-1);
  if (element !== undefined) {
    element.text += resolveReferences(source.slice(at, end));
  } else if (skip(space, reading) !== end) {
    throw malformedXml("xml_text_outside");
  }
  reading.at = end;
}

function readMarkup(reading: Reading): void {
  const { source, at } = reading;
  if (source.startsWith("</", at)) readEndTag(reading);
  else if (source.startsWith("<?", at)) skipPast(reading, "<?", "?>");
  else if (source.startsWith("<!--", at)) skipPast(reading, "<!--", "-->");
  else if (source.startsWith("<![CDATA[", at)) readCdata(reading);
  else readStartTag(reading);
}

function readCdata(reading: Reading): void {
  const element = reading.open.at(-1);
  if (element === undefined) throw malformedXml("xml_text_outside");
  element.text += skipPast(reading, "<![CDATA[", "]]>");
}

function readStartTag(reading: Reading): void {
  const { open } = reading;
  if (reading.root !== undefined) throw malformedXml("xml_two_roots");
  reading.nodes += 1;
  if (reading.nodes > reading.nodesMax) throw malformedXml("xml_too_many_nodes");
  if (open.length === depthMax) throw malformedXml("xml_too_deep");
  plainStartTag.lastIndex = reading.at;
  if (plainStartTag.test(reading.source)) {
    const plain = reading.source.slice(reading.at + 1, plainStartTag.lastIndex - 1);
    reading.at = plainStartTag.lastIndex;
    if (readLeaf(reading, plain)) return;
    open.push({ qualifiedName: plain, name: plain, text: "", children: [] });
    return;
  }
  reading.at += 1;
  const qualifiedName = take(tagName, reading)[0];
  if (qualifiedName.length > nameBytesMax) throw malformedXml("xml_name_too_long");
  checkAttributes(reading);
  const [, slash] = take(startTagEnd, reading);
  const name = qualifiedName.slice(qualifiedName.indexOf(":") + 1);
  open.push({ qualifiedName, name, text: "", children: [] });
  if (slash === "/") closeElement(reading);
}

const noChildren: readonly XmlElement[] = [];

/** Reads the rest of an element that holds nothing but text, as most do; false if it does not. */
function readLeaf(reading: Reading, name: string): boolean {
  const { source, at } = reading;
  const parent = reading.open.at(-1);
  const end = source.indexOf("<", at);
  const after = end + 2 + name.length;
  if (parent === undefined || end === -1 || source[after] !== ">") return false;
  if (source[end + 1] !== "/" || !source.startsWith(name, end + 2)) return false;
  parent.children.push({
    name,
    text: resolveReferences(source.slice(at, end)),
    children: noChildren,
  });
  reading.at = after + 1;
  return true;
}

function checkAttributes(reading: Reading): void {
  const seen = new Set<string>();
  for (;;) {
    attribute.lastIndex = reading.at;
    const match = attribute.exec(reading.source);
    if (match === null) return;
    const [, name = "", quoted, apostrophed = ""] = match;
    if (name.length > nameBytesMax) throw malformedXml("xml_name_too_long");
    if (seen.has(name)) throw malformedXml("xml_duplicate");
    if (seen.size === attributesMax) throw malformedXml("xml_too_many_attributes");
    seen.add(name);
    resolveReferences(quoted ?? apostrophed);
    reading.at = attribute.lastIndex;
  }
}

function readEndTag(reading: Reading): void {
  reading.at += 2;
  const element = reading.open.at(-1);
  const { source, at } = reading;
  if (element !== undefined && source.startsWith(`${element.qualifiedName}>`, at)) {
    reading.at += element.qualifiedName.length + 1;
    closeElement(reading);
    return;
  }
  if (element?.qualifiedName !== take(tagName, reading)[0]) throw malformedXml("xml_mismatched");
  take(endTagEnd, reading);
  closeElement(reading);
}

function closeElement(reading: Reading): void {
  const element = reading.open.pop();
  if (element === undefined) throw malformedXml("xml_mismatched");
  const { name, text, children } = element;
  const parent = reading.open.at(-1);
  if (parent === undefined) reading.root = { name, text, children };
  else parent.children.push({ name, text, children });
}

/** Moves past a section and returns what stands between its marks. */
function skipPast(reading: Reading, from: string, to: string): string {
  const start = reading.at + from.length;
  const end = reading.source.indexOf(to, start);
  if (end === -1) throw malformedXml("xml_unclosed");
  reading.at = end + to.length;
  return reading.source.slice(start, end);
}

/** Where a pattern that always matches ends. */
function skip(pattern: RegExp, reading: Reading): number {
  pattern.lastIndex = reading.at;
  pattern.test(reading.source);
  return pattern.lastIndex;
}

function take(pattern: RegExp, reading: Reading): RegExpExecArray {
  pattern.lastIndex = reading.at;
  const match = pattern.exec(reading.source);
  if (match === null) throw malformedXml("xml_syntax");
  reading.at = pattern.lastIndex;
  return match;
}
