import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { multipartEtag, parseEtagList, quoteEtag, unquoteEtag } from "./etag.ts";

test("an etag comes back from its quotes, and one without them stays as it is", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9a-f]{1,32}(-\d{1,5})?$/), (etag) => {
      expect(unquoteEtag(quoteEtag(etag))).toBe(etag);
      expect(unquoteEtag(etag)).toBe(etag);
    }),
  );
});

test.each(['"', '"abc', 'abc"', "", "'abc'"])("%j has no pair of quotes to lose", (text) => {
  expect(unquoteEtag(text)).toBe(text);
});

test("a multipart etag digests the parts' binary digests and counts them", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { minLength: 1 }), (parts) => {
      const md5s = parts.map((part) => createHash("md5").update(part).digest());
      const expected = createHash("md5").update(Buffer.concat(md5s)).digest("hex");
      expect(multipartEtag(md5s.map((md5) => md5.toString("hex")))).toBe(
        `${expected}-${parts.length}`,
      );
    }),
  );
});

test("a list of etags is read as it was written, with quotes or without", () => {
  const entry = fc.record({ etag: fc.stringMatching(/^[0-9a-f]{1,32}$/), weak: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(entry),
      fc.boolean(),
      fc.constantFrom(",", ", ", " ,\t"),
      (entries, quoted, separator) => {
        const texts = entries.map(
          ({ etag, weak }) => `${weak ? "W/" : ""}${quoted ? quoteEtag(etag) : etag}`,
        );
        expect(parseEtagList(texts.join(separator))).toEqual(entries);
      },
    ),
  );
});

test("a star alone stands for any etag, and among others for none", () => {
  expect(parseEtagList(" * ")).toBe("*");
  expect(parseEtagList('"*"')).toEqual([{ etag: "*", weak: false }]);
  expect(parseEtagList("*, *")).toHaveLength(2);
});

test("a comma between quotes belongs to the etag", () => {
  expect(parseEtagList('"a,b", "c"')).toEqual([
    { etag: "a,b", weak: false },
    { etag: "c", weak: false },
  ]);
});

test.each(["", ",", " , ,"])("%j names no etag", (header) => {
  expect(parseEtagList(header)).toEqual([]);
});

test.each(['"abc', 'abc"', 'w/"abc"', '""abc""', 'W/ abc"', '"abc" "abc"'])(
  "%j is malformed and does not pass for abc",
  (header) => {
    expect(parseEtagList(header)).not.toContainEqual(expect.objectContaining({ etag: "abc" }));
  },
);
