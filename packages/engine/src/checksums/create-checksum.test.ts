import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checksumAlgorithms,
  checksumBytes,
  createChecksum as createPortable,
  isPortableChecksum,
  type ChecksumAlgorithm,
} from "@holdfast/protocol";
import { crc32c } from "./crc32c.ts";
import { createChecksum } from "./create-checksum.ts";

function digestOf(algorithm: ChecksumAlgorithm, ...pieces: Uint8Array[]): string {
  const checksum = createChecksum(algorithm);
  for (const piece of pieces) checksum.update(piece);
  return checksum.digest().toString("hex");
}

const checkInput = Buffer.from("123456789");

test.each([
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["SHA1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"],
  ["SHA256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"],
  [
    "SHA512",
    "d9e6762dd1c8eaf6d61b3c6192fc408d4d6d5f1176d0c29169bc24e71c3f274ad27fcd5811b313d681f7e55ec02d73d499c95455b6b5bb503acf574fba8ffe85",
  ],
  ["XXHASH64", "8cb841db40e6ae83"],
  ["XXHASH3", Buffer.from("ctyxi2ehff8=", "base64").toString("hex")],
  ["MD5", "25f9e794323b453885f5181f1b624d0b"],
] as const)("%s of 123456789 is its published check value", (algorithm, expected) => {
  expect(digestOf(algorithm, checkInput)).toBe(expected);
});

test.each([
  // RFC 3720, appendix B.4, in the order of the number rather than of the wire.
  ["CRC32C", Buffer.alloc(32), "8a9136aa"],
  ["CRC32C", Buffer.alloc(32, 0xff), "62a8ab43"],
  ["CRC32C", Buffer.from(Array.from({ length: 32 }, (_, index) => index)), "46dd794e"],
  // XXH's sanity test vectors: nothing, seed 0.
  ["XXHASH64", Buffer.alloc(0), "ef46db3751d8e999"],
  ["XXHASH3", Buffer.alloc(0), "2d06800538d394c2"],
  ["XXHASH128", Buffer.alloc(0), "99aa06d3014798d86001c324468d497f"],
  // NVM Command Set Specification 1.0, figure 65.
  ["CRC64NVME", Buffer.alloc(4096), "6482d367eb22b64e"],
  ["CRC64NVME", Buffer.alloc(4096, 0xff), "c0ddba7302eca3ac"],
] as const)("%s agrees with the test cases of its specification", (algorithm, input, expected) => {
  expect(digestOf(algorithm, input)).toBe(expected);
});

describe.each(checksumAlgorithms)("%s", (algorithm) => {
  test("does not depend on how the bytes are split", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }), (pieces) => {
        expect(digestOf(algorithm, ...pieces)).toBe(digestOf(algorithm, Buffer.concat(pieces)));
      }),
    );
  });

  test("keeps streams that are fed in turns apart", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(3), fc.uint8Array({ maxLength: 200 })), { maxLength: 30 }),
        (feeds) => {
          const streams = Array.from({ length: 4 }, () => createChecksum(algorithm));
          for (const [index, bytes] of feeds) streams[index]?.update(bytes);
          const digests = streams.map((stream) => stream.digest().toString("hex"));
          const alone = streams.map((_, index) =>
            digestOf(algorithm, ...feeds.filter(([at]) => at === index).map(([, bytes]) => bytes)),
          );
          expect(digests).toEqual(alone);
        },
      ),
    );
  });

  test("reads a view's own bytes and not its whole buffer", () => {
    const whole = Buffer.from("xx123456789xx");
    expect(digestOf(algorithm, whole.subarray(2, 11))).toBe(digestOf(algorithm, checkInput));
  });

  test("does not keep the bytes: they may be overwritten after an update", () => {
    const scratch = Buffer.from(checkInput);
    const checksum = createChecksum(algorithm);
    checksum.update(scratch);
    scratch.fill(0);
    expect(checksum.digest().toString("hex")).toBe(digestOf(algorithm, checkInput));
  });

  test("a piece without bytes changes nothing, whatever memory it stands in", () => {
    for (const none of [
      Buffer.alloc(0),
      checkInput.subarray(4, 4),
      new Uint8Array(new SharedArrayBuffer(0)),
    ]) {
      expect(digestOf(algorithm, checkInput, none)).toBe(digestOf(algorithm, checkInput));
    }
  });

  test("of a megabyte in one piece equals that in odd pieces", () => {
    const bytes = createHash("shake256", { outputLength: 1 << 20 }).digest();
    const pieces = [
      bytes.subarray(0, 16_385),
      bytes.subarray(16_385, 16_386),
      bytes.subarray(16_386),
    ];
    expect(digestOf(algorithm, bytes)).toBe(digestOf(algorithm, ...pieces));
  });
});

test.each(checksumAlgorithms)("%s has the length that its table row states", (algorithm) => {
  expect(createChecksum(algorithm).digest()).toHaveLength(checksumBytes(algorithm));
});

test("crc32c goes on from a seed as if the bytes had come in one piece", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (head, tail) => {
      expect(crc32c(tail, crc32c(head))).toBe(crc32c(Buffer.concat([head, tail])));
    }),
  );
});

test.each(checksumAlgorithms.filter(isPortableChecksum))(
  "%s is what the protocol makes of the same bytes, however they are split",
  (algorithm) => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 }), (pieces) => {
        const portable = createPortable(algorithm);
        for (const piece of pieces) portable.update(piece);
        expect(portable.digest().toString("hex")).toBe(digestOf(algorithm, ...pieces));
      }),
    );
  },
);
