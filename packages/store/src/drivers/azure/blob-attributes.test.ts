import * as fc from "fast-check";
import { expect, test } from "vitest";
import { blobAttributes, metadataOf } from "./blob-attributes.ts";

const name = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9a-z]{1,12}$/);
const escaped = fc.constantFrom("_x002d_", "_x002d", "_x005f_x002d_", "x_x0031_", "_", "__", "1");
const word = fc.constantFrom(
  "=?UTF-8?B?w7w=?=",
  "=?UTF-8?B??=",
  " a",
  "a ",
  "",
  "a b",
  "ü 🗝",
  "\n",
);

test("any metadata is read back as it was given, and all that Azure sees of it is plain", () => {
  const entry = fc.dictionary(
    fc.oneof(name, escaped),
    fc.oneof(fc.string({ unit: "grapheme" }), word),
  );
  fc.assert(
    fc.property(entry, (given) => {
      const { metadata } = blobAttributes({ metadata: given });
      for (const [key, value] of Object.entries(metadata)) {
        expect(key).toMatch(/^[a-z_][a-z0-9_]*$/);
        expect(value).toMatch(/^[!-~]([ -~]*[!-~])?$/);
      }
      expect(metadataOf(metadata) ?? {}).toEqual({ ...given });
    }),
  );
});

test("what needs no escape is seen by other tools as it was given", () => {
  const metadata = { author: "Ada Lovelace", n_1: "1" };
  expect(blobAttributes({ metadata }).metadata).toEqual(metadata);
  expect(metadataOf({ Author: "Ada" })).toEqual({ author: "Ada" });
});
