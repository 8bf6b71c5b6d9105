import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WireFailure } from "../errors/wire-failure.ts";
import type { RequestHeaders } from "./header-table.ts";
import { readMetadata, writeMetadata } from "./metadata.ts";

function sent(metadata: Readonly<Record<string, string>>): RequestHeaders {
  const headers: RequestHeaders = {};
  writeMetadata(metadata, headers);
  return headers;
}

const name = fc.stringMatching(/^[a-z0-9_.-]{1,12}$/);
const value = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({ unit: "binary" }),
  fc.constantFrom(
    "",
    " a",
    "a ",
    "a  b",
    "a\r\nx-evil: 1",
    "=?UTF-8?B?YQ==?=",
    "é",
    "\u0000",
    "=?",
  ),
);

test("any metadata comes back as it was given, through headers that any server keeps", () => {
  const property = fc.property(
    fc.dictionary(name, value, { noNullPrototype: true }),
    (metadata) => {
      const headers = sent(metadata);
      for (const one of Object.values(headers)) expect(one).toMatch(/^(?:[!-~]+(?: [!-~]+)*)?$/);
      expect(readMetadata(headers)).toEqual(metadata);
    },
  );
  fc.assert(property, { numRuns: 2000 });
});

test("plain values travel as they are", () => {
  expect(sent({ a: "plain, with = and ?" })).toEqual({ "x-amz-meta-a": "plain, with = and ?" });
});

test.each([
  ["=?UTF-8?Q?caf=C3=A9_au_lait?=", "café au lait"],
  ["=?utf-8?b?w7w=?= =?utf-8?b?w7w=?=", "üü"],
  ["=?ISO-8859-1?Q?=FC?=", "ü"],
  ["before =?UTF-8?B?w7w=?= after", "before ü after"],
  ["=?no-such-set?B?w7w=?=", "=?no-such-set?B?w7w=?="],
  ["=?UTF-8?B?/w==?=", "=?UTF-8?B?/w==?="],
])("%s is read as %s", (header, text) => {
  expect(readMetadata({ "x-amz-meta-a": header })).toEqual({ a: text });
});

test("names are in lower case, and two that differ only so are refused", () => {
  expect(sent({ Colour: "x" })).toEqual({ "x-amz-meta-colour": "x" });
  expect(() => sent({ a: "1", A: "2" })).toThrow(WireFailure);
});

test.each(["", "a b", "ü", "a:b", "a\r\nb"])("the name %j is refused", (given) => {
  expect(() => sent({ [given]: "x" })).toThrow(WireFailure);
});
