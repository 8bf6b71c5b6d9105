import * as fc from "fast-check";
import { expect, test } from "vitest";
import { checksumAlgorithms, checksumBytes } from "./algorithm.ts";
import { decodeChecksum, decodeContentMd5 } from "./decode-checksum.ts";

const anyAlgorithm = fc.constantFrom(...checksumAlgorithms);

test("a digest of the right length comes back from its base64", () => {
  fc.assert(
    fc.property(
      anyAlgorithm,
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      (algorithm, pool) => {
        const digest = Buffer.from(pool.subarray(0, checksumBytes(algorithm)));
        expect(decodeChecksum(algorithm, digest.toString("base64"))).toEqual(digest);
      },
    ),
  );
});

test("a digest of another length is an invalid request", () => {
  fc.assert(
    fc.property(anyAlgorithm, fc.uint8Array({ maxLength: 70 }), (algorithm, bytes) => {
      fc.pre(bytes.length !== checksumBytes(algorithm));
      const text = Buffer.from(bytes).toString("base64");
      expect(() => decodeChecksum(algorithm, text)).toThrow(
        expect.objectContaining({ code: "InvalidRequest" }),
      );
    }),
  );
});

test.each([
  "",
  "y/Q5Jg",
  "y/Q5Jg===",
  "y_Q5Jg==",
  " y/Q5Jg==",
  "y/Q5Jg==\n",
  "y/Q5Jh==",
  "cbf43926",
])("%j is no CRC32, whatever a lenient decoder makes of it", (text) => {
  expect(() => decodeChecksum("CRC32", text)).toThrow(
    expect.objectContaining({ code: "InvalidRequest" }),
  );
});

test("a Content-MD5 is base64 of 16 bytes", () => {
  expect(decodeContentMd5("JfnnlDI7RTiF9RgfG2JNCw==").toString("hex")).toBe(
    "25f9e794323b453885f5181f1b624d0b",
  );
});

test.each(["", "JfnnlDI7RTiF9RgfG2JNCw", "25f9e794323b453885f5181f1b624d0b", "YWJj", "?"])(
  "%j as Content-MD5 is an invalid digest",
  (text) => {
    expect(() => decodeContentMd5(text)).toThrow(
      expect.objectContaining({ code: "InvalidDigest", details: { "Content-MD5": text } }),
    );
  },
);
