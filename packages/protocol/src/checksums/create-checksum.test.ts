import { expect, test } from "vitest";
import { checksumAlgorithms, checksumBytes } from "./algorithm.ts";
import { createChecksum, isPortableChecksum } from "./create-checksum.ts";

const checkInput = Buffer.from("123456789");
const portable = checksumAlgorithms.filter(isPortableChecksum);

test.each([
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["MD5", "25f9e794323b453885f5181f1b624d0b"],
  ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
  ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
] as const)("%s of 123456789 is its published check value", (algorithm, expected) => {
  const checksum = createChecksum(algorithm);
  checksum.update(checkInput);
  expect(checksum.digest().toString("hex")).toBe(expected);
});

test("all but the XXHashes are portable", () => {
  const others = checksumAlgorithms.filter((one) => !isPortableChecksum(one));
  expect(others).toEqual(["XXHASH64", "XXHASH3", "XXHASH128"]);
});

test.each(portable)("%s has the length that its table row states", (algorithm) => {
  expect(createChecksum(algorithm).digest()).toHaveLength(checksumBytes(algorithm));
});
