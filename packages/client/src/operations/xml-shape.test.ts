import * as fc from "fast-check";
import { readXml } from "@holdfast/protocol";
import { expect, expectTypeOf, test } from "vitest";
import { WireFailure } from "../errors/wire-failure.ts";
import { corsDocument } from "./bucket-cors.ts";
import { encryptionDocument } from "./bucket-encryption.ts";
import { lifecycleDocument } from "./bucket-lifecycle.ts";
import { notificationDocument } from "./bucket-notification.ts";
import { versioningDocument } from "./bucket-versioning.ts";
import { legalHoldDocument, objectLockDocument, retentionDocument } from "./object-lock.ts";
import { publicAccessBlockDocument } from "./public-access-block.ts";
import { taggingDocument } from "./tagging-shape.ts";
import type { ValueKind } from "./values.ts";
import {
  readDocument,
  writeDocument,
  type ReadShape,
  type Shape,
  type XmlDocument,
} from "./xml-shape.ts";

/** Every document that is both written and read. */
const documents: readonly XmlDocument[] = [
  corsDocument,
  encryptionDocument,
  legalHoldDocument,
  lifecycleDocument,
  notificationDocument,
  objectLockDocument,
  publicAccessBlockDocument,
  retentionDocument,
  taggingDocument,
  versioningDocument,
];

const runs = { numRuns: 300 };

const awkwardText = fc
  .array(
    fc.constantFrom(
      ..."ab0 \t\r\n\u0001\u007f&<>\"'%+/\u0085\uFFFEé漢".split(""),
      "🙂",
      "]]>",
      "&amp;",
      "%41",
    ),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(""));

const valuesOf: Readonly<Record<ValueKind, fc.Arbitrary<unknown>>> = {
  text: awkwardText,
  key: awkwardText,
  echo: awkwardText,
  integer: fc.nat(Number.MAX_SAFE_INTEGER),
  boolean: fc.boolean(),
  date: fc.date({ min: new Date(0), max: new Date("2999-12-31"), noInvalidDate: true }),
  "http-date": fc.constant(new Date(0)),
  etag: fc.stringMatching(/^[0-9a-f]{32}(-\d{1,5})?$/),
};

/** Any value of a shape, as it is read back: lists are always there, other fields may be absent. */
function valueOf(shape: Shape): fc.Arbitrary<Record<string, unknown>> {
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  const requiredKeys: string[] = [];
  for (const [name, given] of Object.entries(shape)) {
    const field = typeof given === "string" ? { is: given } : given;
    const one = typeof field.is === "string" ? valuesOf[field.is] : valueOf(field.is);
    const isList = "list" in field;
    fields[name] = isList ? fc.array(one, { maxLength: 3 }) : one;
    if (isList || "required" in field) requiredKeys.push(name);
  }
  return fc.record(fields, { requiredKeys, noNullPrototype: true });
}

test.each(documents)("any $root that is written is read back as it was", (document) => {
  const property = fc.property(valueOf(document.fields), (value) => {
    const root = readXml(Buffer.from(writeDocument(document, value)));
    expect(root.name).toBe(document.root);
    expect(readDocument(document, root)).toEqual(value);
  });
  fc.assert(property, runs);
});

test("a shape that reads another element than it writes does not pass", () => {
  const written = { root: "A", fields: { one: "text" } } as const;
  const other = { fields: { one: { element: "Other", is: "text" } } } as const;
  const root = readXml(Buffer.from(writeDocument(written, { one: "x" })));
  expect(readDocument(other, root)).not.toEqual({ one: "x" });
});

const strict = {
  root: "R",
  fields: {
    count: "integer",
    flag: "boolean",
    at: "date",
    name: { is: "text", required: true },
    tags: { element: "Tag", within: "Tags", is: "text", list: true },
  },
} as const satisfies XmlDocument;

function read(inner: string): ReadShape<typeof strict.fields> {
  return readDocument(strict, readXml(Buffer.from(`<R>${inner}</R>`)));
}

test.each([
  ["a number with a sign", "<Name/><Count>-1</Count>"],
  ["a number in hexadecimal", "<Name/><Count>0x10</Count>"],
  ["a number with an exponent", "<Name/><Count>1e3</Count>"],
  ["a number with spaces", "<Name/><Count> 1</Count>"],
  ["a number that no double holds", "<Name/><Count>9007199254740993</Count>"],
  ["a truth of another spelling", "<Name/><Flag>True</Flag>"],
  ["a day that there is not", "<Name/><At>2023-02-29T00:00:00.000Z</At>"],
  ["a date without its zone", "<Name/><At>2023-02-28T00:00:00</At>"],
  ["an element twice", "<Name>a</Name><Name>b</Name>"],
  ["elements where text belongs", "<Name><b/></Name>"],
  ["no element that must be there", "<Count>1</Count>"],
])("%s is no value", (_what, inner) => {
  expect(() => read(inner)).toThrow(WireFailure);
});

test("unknown elements are passed over, empty ones are no value, and text stays as it is", () => {
  const text =
    "<New><Name>x</Name></New><Name>  0x10 </Name><Count/><Flag></Flag><Tags><Tag/><Tag>1e3</Tag></Tags>";
  expect(read(text)).toEqual({ name: "  0x10 ", tags: ["", "1e3"] });
});

test("what is read and what is written differ in type only by what a service may leave out", () => {
  expectTypeOf<ReadShape<typeof strict.fields>["tags"]>().toEqualTypeOf<readonly string[]>();
  expectTypeOf<ReadShape<typeof strict.fields>["count"]>().toEqualTypeOf<number | undefined>();
  expectTypeOf<ReadShape<typeof strict.fields>["name"]>().toEqualTypeOf<string>();
});

test.each([
  ["text for a number", { name: "x", count: "1" }],
  ["a fraction", { name: "x", count: 1.5 }],
  ["an invalid date", { name: "x", at: new Date("never") }],
  ["a number for text", { name: 1 }],
])("%s is not sent", (_what, value) => {
  expect(() => writeDocument(strict, value)).toThrow(WireFailure);
});
