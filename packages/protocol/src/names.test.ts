import * as fc from "fast-check";
import { expect, test } from "vitest";
import { S3Error } from "./errors/s3-error.ts";
import { checkBucketName, checkKey, isBucketName } from "./names.ts";

const forbidden = ["/", "\\", "%", "?", "#", "+", "_", " ", ":", "A", "\0", "é", "\n"];
const inner = fc.stringMatching(/^[a-z0-9-]{1,61}$/);

function refusalOf(key: string): { code: string; details: object } | undefined {
  try {
    checkKey(key);
    return undefined;
  } catch (error) {
    if (!S3Error.is(error)) throw error;
    return { code: error.code, details: error.details };
  }
}

test("any name of letters, digits and inner hyphens up to 63 characters is a bucket name", () => {
  fc.assert(
    fc.property(inner, (middle) => {
      expect(isBucketName(`a${middle}9`)).toBe(true);
    }),
  );
});

test("a bucket name never has a character that means something in a URL, a path or a host", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9.-]{3,63}$/), (name) => {
      fc.pre(isBucketName(name));
      expect(encodeURIComponent(name)).toBe(name);
      expect(name.split(".")).not.toContain("");
    }),
  );
  fc.assert(
    fc.property(inner, fc.nat(), fc.constantFrom(...forbidden), (name, at, wrong) => {
      const index = at % name.length;
      expect(isBucketName(`a${name.slice(0, index)}${wrong}${name.slice(index)}`)).toBe(false);
    }),
  );
});

test.each(["abc", "my.bucket.example", "1.2.3", "1.2.3.4.5", "a--b", "a-.b", "a".repeat(63)])(
  "%j is a bucket name",
  (name) => {
    expect(() => checkBucketName(name)).not.toThrow();
  },
);

test.each([
  "",
  "ab",
  "a".repeat(64),
  "Bucket",
  "under_score",
  "-abc",
  "abc-",
  ".abc",
  "abc.",
  "a..b",
  "192.168.5.4",
  "999.999.999.999",
  "xn--bucket",
  "sthree-bucket",
  "amzn-s3-demo-bucket",
  "bucket-s3alias",
  "bucket--ol-s3",
  "bucket.mrap",
  "bucket--x-s3",
  "bucket--table-s3",
  "bücket",
  "abc\n",
  "..",
  "__proto__",
])("%j is not a bucket name", (name) => {
  expect(() => checkBucketName(name)).toThrow(
    expect.objectContaining({ code: "InvalidBucketName", details: { BucketName: name } }),
  );
});

test("a key is refused exactly when its UTF-8 is longer than 1024 bytes", () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      text,
      fc.constantFrom("a", "é", "€", "😀"),
      fc.nat(1100),
      (head, character, times) => {
        const key = head + character.repeat(times);
        const size = Buffer.byteLength(key);
        const details = { Size: `${size}`, MaxSizeAllowed: "1024" };
        const expected = size <= 1024 ? undefined : { code: "KeyTooLongError", details };
        expect(refusalOf(key)).toEqual(expected);
      },
    ),
  );
});

test.each([
  ".",
  "..",
  "/",
  "//",
  "a/../b",
  "../../etc",
  "\0",
  "\r\n",
  " ",
  "%2F",
  "+",
  "😀",
  "__proto__",
])("%j is a key", (key) => {
  expect(() => checkKey(key)).not.toThrow();
});

test("1024 bytes fit whether they are few characters or many", () => {
  for (const character of ["a", "é", "😀"]) {
    const fits = character.repeat(1024 / Buffer.byteLength(character));
    expect(() => checkKey(fits)).not.toThrow();
    expect(() => checkKey(`${fits}a`)).toThrow(
      expect.objectContaining({ code: "KeyTooLongError" }),
    );
  }
});

test.each(["", "\ud800", "a\udc00b", "\udc00\ud800"])("%j can be no key", (key) => {
  expect(() => checkKey(key)).toThrow(expect.objectContaining({ code: "InvalidArgument" }));
});
