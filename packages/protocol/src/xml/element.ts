import { malformedXml } from "../errors/malformed-xml.ts";

/** One element of a document. Children are a list, so no name can reach a prototype. */
export interface XmlElement {
  /** The local name: a namespace prefix is dropped. */
  readonly name: string;
  /** The element's own text, white space kept, that of its children left out. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** Every child of that name, in document order. */
export function childrenNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((child) => child.name === name);
}

/** The only child of that name, or undefined; MalformedXML when there are two, since readers would differ. */
export function childNamed(element: XmlElement, name: string): XmlElement | undefined {
  const [first, second] = childrenNamed(element, name);
  if (second !== undefined) throw malformedXml("xml_duplicate");
  return first;
}

/** The text of the only child of that name, or undefined; MalformedXML when it holds elements. */
export function childText(element: XmlElement, name: string): string | undefined {
  const child = childNamed(element, name);
  if (child === undefined) return undefined;
  if (child.children.length > 0) throw malformedXml("xml_not_text");
  return child.text;
}
