import { malformedXml } from "../errors/malformed-xml.ts";

const named: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["apos", "'"],
  ["gt", ">"],
  ["lt", "<"],
  ["quot", '"'],
]);

/** Longer than any reference that means something, zeros in front included. */
const lengthMax = 16;

/**
 * Replaces XML's five entities and numeric references. A reference to a control character is kept, because
 * a key may hold one; a surrogate, a number beyond Unicode and any other entity are MalformedXML.
 */
export function resolveReferences(text: string): string {
  let ampersand = text.indexOf("&");
  if (ampersand === -1) return text;
  let resolved = "";
  let from = 0;
  while (ampersand !== -1) {
    const end = text.indexOf(";", ampersand);
    if (end === -1 || end - ampersand > lengthMax) throw malformedXml("xml_reference");
    resolved += text.slice(from, ampersand) + resolveOne(text.slice(ampersand + 1, end));
    from = end + 1;
    ampersand = text.indexOf("&", from);
  }
  return resolved + text.slice(from);
}

function resolveOne(reference: string): string {
  const digits = /^#(?:x([0-9A-Fa-f]+)|([0-9]+))$/.exec(reference);
  if (digits === null) {
    const character = named.get(reference);
    if (character === undefined) throw malformedXml("xml_reference");
    return character;
  }
  const [, hexadecimal, decimal = ""] = digits;
  const code = hexadecimal === undefined ? parseInt(decimal, 10) : parseInt(hexadecimal, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw malformedXml("xml_reference");
  return String.fromCodePoint(code);
}
