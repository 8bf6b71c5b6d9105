import { expect, test } from "vitest";
import {
  checksumAlgorithmOfHeader,
  checksumAlgorithms,
  checksumHeader,
  multipartChecksumTypes,
} from "./algorithm.ts";

test.each(checksumAlgorithms)("the header of %s leads back to it", (algorithm) => {
  expect(checksumAlgorithmOfHeader(checksumHeader(algorithm))).toBe(algorithm);
});

test.each(["x-amz-checksum-type", "x-amz-checksum-algorithm", "x-amz-checksum-", "__proto__", ""])(
  "%j carries no checksum",
  (name) => {
    expect(checksumAlgorithmOfHeader(name)).toBeUndefined();
  },
);

test("only CRCs can cover a whole multipart object, and CRC64NVME only that", () => {
  const full = checksumAlgorithms.filter((algorithm) =>
    multipartChecksumTypes(algorithm).includes("FULL_OBJECT"),
  );
  expect(full).toEqual(["CRC32", "CRC32C", "CRC64NVME"]);
  expect(multipartChecksumTypes("CRC64NVME")).toEqual(["FULL_OBJECT"]);
});
