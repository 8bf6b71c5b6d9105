/** What an element holds: text, or elements. `undefined` leaves the element out. */
export type XmlContent = string | number | boolean | undefined | readonly XmlField[];

/** An element to write. Names and attribute names are the program's own and are not escaped. */
export type XmlField = readonly [
  name: string,
  content: XmlContent,
  attributes?: Readonly<Record<string, string>>,
];

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/** Renders the document of a successful answer, in S3's namespace. */
export function renderResult(root: string, fields: readonly XmlField[]): string {
  return renderXml([root, fields, { xmlns: namespace }]);
}

/** Renders a document of one root element, with a declaration. */
export function renderXml(root: XmlField): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderField(root)}`;
}

function renderField([name, content, attributes]: XmlField): string {
  if (content === undefined) return "";
  let start = name;
  if (attributes !== undefined) {
    for (const [key, value] of Object.entries(attributes)) start += ` ${key}="${escapeXml(value)}"`;
  }
  if (typeof content !== "object") return `<${start}>${escapeXml(String(content))}</${name}>`;
  let inner = "";
  for (const field of content) inner += renderField(field);
  return `<${start}>${inner}</${name}>`;
}

/** Nothing of what needs an escape; a line of the requests that errors repeat, and their line ends. */
const plain = /^[ !#-%(-;=?-~]*$/;
const plainLines = /^[\n !#-%(-;=?-~]*$/;

/** What a parser takes for markup, normalises, or refuses: control characters, surrogates without a pair. */
const everySpecial = /[&<>"'\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;

const escapes: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&apos;"],
  ["\r", "&#13;"],
]);

/**
 * Escapes text for an element or an attribute, so that `readXml` gives it back as it was. XML 1.0 has no way to carry
 * most control characters; they become numeric references, as AWS sends them, so that a key is never lost in silence.
 * A surrogate without its pair has no UTF-8 and becomes U+FFFD.
 */
export function escapeXml(text: string): string {
  if (plain.test(text)) return text;
  if (plainLines.test(text)) return text.replaceAll("\n", "&#xA;");
  return text.replaceAll(everySpecial, escapeOne);
}

function escapeOne(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0xd800 && code <= 0xdfff) return "\uFFFD";
  return escapes.get(character) ?? `&#x${code.toString(16).toUpperCase()};`;
}
