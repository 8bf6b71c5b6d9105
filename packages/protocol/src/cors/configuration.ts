import { malformedXml } from "../errors/malformed-xml.ts";
import { childrenNamed, childText, type XmlElement } from "../xml/element.ts";
import { renderResult, type XmlField } from "../xml/writer.ts";
import { checkCorsRules, type UncheckedCorsRule } from "./check-rules.ts";
import type { CorsRule } from "./rule.ts";

/** A larger document is refused: UserGuide/ManageCorsUsing. */
export const corsConfigurationBytesMax = 64 * 1024;

/** Reads `<CORSConfiguration>`; throws as `checkCorsRules` does, and `MalformedXML` for what has no meaning there. */
export function readCorsConfiguration(document: XmlElement): readonly CorsRule[] {
  if (document.name !== "CORSConfiguration") throw malformedXml("cors_root");
  return checkCorsRules(document.children.map((child) => readRule(child)));
}

/** Renders what `readCorsConfiguration` reads. */
export function renderCorsConfiguration(rules: readonly CorsRule[]): string {
  return renderResult(
    "CORSConfiguration",
    rules.map((rule): XmlField => ["CORSRule", describe(rule)]),
  );
}

const elements: ReadonlySet<string> = new Set([
  "AllowedHeader",
  "AllowedMethod",
  "AllowedOrigin",
  "ExposeHeader",
  "ID",
  "MaxAgeSeconds",
]);

function readRule(rule: XmlElement): UncheckedCorsRule {
  if (rule.name !== "CORSRule") throw malformedXml("cors_unknown_element");
  if (!rule.children.every(({ name }) => elements.has(name))) {
    throw malformedXml("cors_unknown_element");
  }
  const id = childText(rule, "ID");
  const maxAge = childText(rule, "MaxAgeSeconds")?.trim();
  return {
    ...(id === undefined ? {} : { id }),
    allowedOrigins: texts(rule, "AllowedOrigin"),
    allowedMethods: texts(rule, "AllowedMethod"),
    allowedHeaders: texts(rule, "AllowedHeader"),
    exposeHeaders: texts(rule, "ExposeHeader"),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: readSeconds(maxAge) }),
  };
}

function texts(rule: XmlElement, name: string): readonly string[] {
  return childrenNamed(rule, name).map(({ text, children }) => {
    if (children.length > 0) throw malformedXml("xml_not_text");
    return text.trim();
  });
}

function readSeconds(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw malformedXml("cors_max_age");
  return Number(text);
}

function each(name: string, values: readonly string[]): readonly XmlField[] {
  return values.map((value) => [name, value]);
}

function describe(rule: CorsRule): readonly XmlField[] {
  return [
    ["ID", rule.id],
    ...each("AllowedMethod", rule.allowedMethods),
    ...each("AllowedOrigin", rule.allowedOrigins),
    ...each("AllowedHeader", rule.allowedHeaders),
    ["MaxAgeSeconds", rule.maxAgeSeconds],
    ...each("ExposeHeader", rule.exposeHeaders),
  ];
}
