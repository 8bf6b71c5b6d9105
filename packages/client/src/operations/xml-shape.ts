import { renderResult, type XmlElement, type XmlField } from "@holdfast/protocol";
import { formatValue, malformed, parseValue, type ValueKind, type ValueTypes } from "./values.ts";

/** A field of a document. A kind alone is a text element named as the field is, with a capital. */
type ShapeField = ValueKind | FieldShape;

interface FieldShape {
  /** The element's name where it is not the field's own with a capital. */
  readonly element?: string;
  readonly is: ValueKind | Shape;
  /** Whether there may be any number of them. */
  readonly list?: true;
  /** The element that holds the elements of a list. */
  readonly within?: string;
  /** Whether the document means nothing without it. */
  readonly required?: true;
}

/** An element's fields, in the order in which S3's schema has them. One description serves both ways. */
export interface Shape {
  readonly [field: string]: ShapeField;
}

/** A document that S3 takes or gives. */
export interface XmlDocument {
  readonly root: string;
  readonly fields: Shape;
}

type Is<Field extends ShapeField> = Field extends FieldShape ? Field["is"] : Field;

type ReadIs<What> = What extends ValueKind
  ? ValueTypes[What]
  : What extends Shape
    ? ReadShape<What>
    : never;

type WriteIs<What> = What extends ValueKind
  ? ValueTypes[What]
  : What extends Shape
    ? WriteShape<What>
    : never;

type AlwaysRead<Field> = Field extends { list: true } | { required: true } ? true : false;
type AlwaysWritten<Field> = Field extends { required: true } ? true : false;

type ReadField<Field extends ShapeField> = Field extends { list: true }
  ? readonly ReadIs<Is<Field>>[]
  : ReadIs<Is<Field>>;

type WriteField<Field extends ShapeField> = Field extends { list: true }
  ? readonly WriteIs<Is<Field>>[]
  : WriteIs<Is<Field>>;

/** An element as it is read: lists are always there, and what the service left out is absent. */
export type ReadShape<Fields extends Shape> = {
  readonly [F in keyof Fields as AlwaysRead<Fields[F]> extends true ? F : never]: ReadField<
    Fields[F]
  >;
} & {
  readonly [F in keyof Fields as AlwaysRead<Fields[F]> extends true ? never : F]?: ReadField<
    Fields[F]
  >;
};

/** An element as it is written: empty lists may be left out. */
export type WriteShape<Fields extends Shape> = {
  readonly [F in keyof Fields as AlwaysWritten<Fields[F]> extends true ? F : never]: WriteField<
    Fields[F]
  >;
} & {
  readonly [F in keyof Fields as AlwaysWritten<Fields[F]> extends true ? never : F]?:
    | WriteField<Fields[F]>
    | undefined;
};

/** A field with nothing left to look up. */
interface CompiledField {
  readonly name: string;
  readonly element: string;
  readonly is: ValueKind | Shape;
  readonly list: boolean;
  readonly within: string | undefined;
  readonly required: boolean;
}

interface CompiledShape {
  readonly fields: readonly CompiledField[];
  readonly lists: readonly CompiledField[];
  readonly required: readonly CompiledField[];
  /** By the name of the element that stands in the parent. */
  readonly byElement: ReadonlyMap<string, CompiledField>;
}

const compiled = new WeakMap<Shape, CompiledShape>();

function compile(shape: Shape): CompiledShape {
  const known = compiled.get(shape);
  if (known !== undefined) return known;
  const fields = Object.entries(shape).map(([name, field]): CompiledField => {
    const given: FieldShape = typeof field === "string" ? { is: field } : field;
    const element = given.element ?? name[0]?.toUpperCase() + name.slice(1);
    const { is, list = false, within, required = false } = given;
    return { name, element, is, list, within, required };
  });
  const byElement = new Map(fields.map((field) => [field.within ?? field.element, field]));
  const lists = fields.filter(({ list }) => list);
  const result = { fields, lists, required: fields.filter(({ required }) => required), byElement };
  compiled.set(shape, result);
  return result;
}

/** Writes a document in S3's namespace. Throws `InvalidRequest` for a value that is not of its kind. */
export function writeDocument({ root, fields }: XmlDocument, value: object): string {
  return renderResult(root, writeShape(fields, value));
}

/** The elements of a value's fields. */
export function writeShape(shape: Shape, value: object): readonly XmlField[] {
  const given = new Map<string, unknown>(Object.entries(value));
  return compile(shape).fields.flatMap((field): readonly XmlField[] => {
    const one = given.get(field.name);
    if (one === undefined) return [];
    const items = field.list && Array.isArray(one) ? one : [one];
    const elements = items.map((item: unknown) => writeElement(field, item));
    if (field.within === undefined) return elements;
    return [[field.within, elements]];
  });
}

function writeElement({ element, is }: CompiledField, value: unknown): XmlField {
  if (typeof is === "string") return [element, formatValue(is, value)];
  return [element, typeof value === "object" && value !== null ? writeShape(is, value) : []];
}

/** How the text of a key is to be taken: as it stands, or percent-encoded. */
type KeyDecoder = (text: string) => string;

/** Reads a document strictly: no coercion, unknown elements ignored. Throws `MalformedResponse`. */
export function readDocument<Fields extends Shape>(
  document: { readonly fields: Fields },
  root: XmlElement | undefined,
): ReadShape<Fields>;
export function readDocument(
  document: { readonly fields: Shape },
  root: XmlElement | undefined,
): object {
  if (root === undefined) throw malformed("The answer has no document.");
  return readShape(document.fields, root, keyDecoder(root));
}

/** What a document's own `EncodingType` says of its keys. */
export function keyDecoder(root: XmlElement): KeyDecoder {
  const encoding = root.children.find(({ name }) => name === "EncodingType")?.text;
  return encoding === "url" ? decodeKey : (text) => text;
}

/** A space may stand as `+`, as in a form. */
function decodeKey(text: string): string {
  if (!/[%+]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch (cause) {
    throw malformed("A key in the answer is not percent-encoded as the answer says.", cause);
  }
}

/** Nothing is decided on an echo, so one that is no encoded text is taken for what was asked. */
function decodeEcho(text: string, decode: KeyDecoder): string {
  try {
    return decode(text);
  } catch {
    return text;
  }
}

/** Reads the fields of an element. */
export function readShape<Fields extends Shape>(
  shape: Fields,
  element: XmlElement,
  decode: KeyDecoder,
): ReadShape<Fields>;
export function readShape(shape: Shape, element: XmlElement, decode: KeyDecoder): object {
  const { lists, required, byElement } = compile(shape);
  const output: Record<string, unknown> = {};
  for (const { name } of lists) output[name] = [];
  for (const child of element.children) {
    const field = byElement.get(child.name);
    if (field === undefined) continue;
    const { name } = field;
    const held = output[name];
    if (field.list) {
      if (Array.isArray(held)) readItems(field, child, { items: held, decode });
      continue;
    }
    // Readers would differ about which of two counts.
    if (held !== undefined) throw malformed("An element that may stand once stands twice.");
    const value = readValue(field.is, child, decode);
    if (value !== undefined) output[name] = value;
  }
  for (const { name } of required) {
    if (output[name] === undefined) {
      throw malformed("The answer lacks an element that it must have.");
    }
  }
  return output;
}

function readItems(
  field: CompiledField,
  child: XmlElement,
  { items, decode }: { readonly items: unknown[]; readonly decode: KeyDecoder },
): void {
  const elements = field.within === undefined ? [child] : child.children;
  for (const element of elements) {
    if (element.name !== field.element) continue;
    const value = readValue(field.is, element, decode);
    if (value !== undefined) items.push(value);
  }
}

/** An empty element is empty text, and no value of any other kind. */
function readValue(is: ValueKind | Shape, element: XmlElement, decode: KeyDecoder): unknown {
  if (typeof is !== "string") return readShape(is, element, decode);
  if (element.children.length > 0) throw malformed("An element of text holds elements.");
  if (is === "key") return decode(element.text);
  if (is === "echo") return decodeEcho(element.text, decode);
  if (is !== "text" && element.text === "") return undefined;
  return parseValue(is, element.text);
}
