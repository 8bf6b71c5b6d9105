import { expect, test } from "vitest";
import { checksumAlgorithms } from "./algorithm.ts";
import { parseChecksumAlgorithm } from "./parse-checksum-algorithm.ts";

test.each(checksumAlgorithms)("%s is known in upper and lower case", (algorithm) => {
  expect(parseChecksumAlgorithm(algorithm)).toBe(algorithm);
  expect(parseChecksumAlgorithm(algorithm.toLowerCase())).toBe(algorithm);
});

test.each(["", "CRC", "CRC-32", "SHA384", " CRC32", "ſha1", "type", "algorithm", "__proto__"])(
  "%j is no algorithm of S3",
  (text) => {
    expect(() => parseChecksumAlgorithm(text)).toThrow(
      expect.objectContaining({ code: "InvalidRequest" }),
    );
  },
);
