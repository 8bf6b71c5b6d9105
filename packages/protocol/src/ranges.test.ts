import * as fc from "fast-check";
import { expect, test } from "vitest";
import { S3Error } from "./errors/s3-error.ts";
import { contentRange, parseCopyRange, parseRange, type ByteRange } from "./ranges.ts";

const bytes = Buffer.from(Array.from({ length: 64 }, (_, index) => index));

/** The bytes that a range stands for, or the code it is refused with. */
function outcome(read: () => ByteRange | undefined, size: number): Buffer | string {
  try {
    const range = read();
    if (range === undefined) return bytes.subarray(0, size);
    return bytes.subarray(range.start, range.end + 1);
  } catch (error) {
    if (!S3Error.is(error)) throw error;
    return error.code;
  }
}

const unsatisfiable = expect.objectContaining({ code: "InvalidRange" });
const anySize = fc.nat(64);
const anyPosition = fc.oneof(fc.nat(70), fc.nat(Number.MAX_SAFE_INTEGER));

test("a range from first to last is the slice of the object, or refused when it starts past it", () => {
  fc.assert(
    fc.property(anySize, anyPosition, anyPosition, (size, first, length) => {
      const header = `bytes=${first}-${first + length}`;
      const slice = bytes.subarray(0, size).subarray(first, first + length + 1);
      const expected = first >= size ? "InvalidRange" : slice;
      expect(outcome(() => parseRange(header, size), size)).toEqual(expected);
    }),
  );
});

test("an open range is the rest of the object", () => {
  fc.assert(
    fc.property(anySize, anyPosition, (size, first) => {
      const expected = first >= size ? "InvalidRange" : bytes.subarray(first, size);
      expect(outcome(() => parseRange(`bytes=${first}-`, size), size)).toEqual(expected);
    }),
  );
});

test("a suffix is the object's last bytes, all of them when it asks for more", () => {
  fc.assert(
    fc.property(anySize, anyPosition, (size, length) => {
      const suffix = bytes.subarray(Math.max(0, size - length), size);
      const expected = suffix.length === 0 ? "InvalidRange" : suffix;
      expect(outcome(() => parseRange(`bytes=-${length}`, size), size)).toEqual(expected);
    }),
  );
});

test("no header makes a range that is empty or leaves the object", () => {
  const anyHeader = fc.oneof(fc.string(), fc.stringMatching(/^bytes=[-0-9, ]{0,12}$/));
  fc.assert(
    fc.property(anyHeader, fc.integer({ min: 1, max: 50 }), (header, size) => {
      const result = outcome(() => parseRange(header, size), size);
      const fits = typeof result !== "string" && result.length > 0 && result.length <= size;
      expect(fits || result === "InvalidRange").toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.each([
  "",
  "abc",
  "bytes",
  "bytes=",
  "bytes=,",
  "bytes=-",
  "bytes= -1",
  "bytes=--1",
  "bytes=0--1",
  "bytes=10-5",
  "bytes=abc",
  "bytes=a-z",
  "bytes=0-1,2-3",
  "bytes=0x1-2",
  "bytes=1.5-2",
  "bytes=+1-2",
  "bytes=1e1-20",
  "bytes=٣-٤",
  "items=0-1",
  "bytes 0-1",
  "bytes=99999999999999999999999-5",
])("%j is ignored, and the whole object answered", (header) => {
  expect(parseRange(header, 20)).toBeUndefined();
  expect(parseRange(header, 0)).toBeUndefined();
});

test("the unit may be in any case", () => {
  expect(parseRange("Bytes=1-2", 10)).toEqual({ start: 1, end: 2 });
});

test("numbers beyond any size are ends that are cut, or starts that do not exist", () => {
  const huge = "9".repeat(400);
  expect(parseRange(`bytes=0-${huge}`, 10)).toEqual({ start: 0, end: 9 });
  expect(parseRange(`bytes=-${huge}`, 10)).toEqual({ start: 0, end: 9 });
  expect(() => parseRange(`bytes=${huge}-`, 10)).toThrow(unsatisfiable);
  expect(() => parseRange(`bytes=${huge}-${huge}`, 10)).toThrow(unsatisfiable);
});

test("a refusal names the range, the size, and the size again as HTTP wants it", () => {
  expect(() => parseRange("bytes=40-", 10)).toThrow(
    expect.objectContaining({
      code: "InvalidRange",
      status: 416,
      details: { RangeRequested: "bytes=40-", ActualObjectSize: "10" },
      headers: { "content-range": "bytes */10" },
    }),
  );
});

test("a copy range is taken as it stands or refused, never cut", () => {
  fc.assert(
    fc.property(fc.nat(70), fc.nat(70), anySize, (start, length, size) => {
      const end = start + length;
      const expected = end >= size ? "InvalidRange" : bytes.subarray(start, end + 1);
      expect(outcome(() => parseCopyRange(`bytes=${start}-${end}`, size), size)).toEqual(expected);
    }),
  );
});

test.each([
  "",
  "0-2",
  "bytes=0",
  "bytes=0-",
  "bytes=-2",
  "bytes=5-2",
  "bytes=0-1,2-3",
  "BYTES=0-1",
])("%j is no copy range", (header) => {
  const details = { ArgumentName: "x-amz-copy-source-range", ArgumentValue: header };
  expect(() => parseCopyRange(header, 10)).toThrow(
    expect.objectContaining({ code: "InvalidArgument", details }),
  );
});

test("Content-Range states first, last and size", () => {
  expect(contentRange({ start: 0, end: 9 }, 200)).toBe("bytes 0-9/200");
});
