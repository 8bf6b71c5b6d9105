import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { combineCrc } from "./combine-crc.ts";
import type { CrcAlgorithm } from "./crc-polynomials.ts";
import { createChecksum } from "./create-checksum.ts";

function partOf(algorithm: CrcAlgorithm, bytes: Uint8Array): { digest: Buffer; size: number } {
  const checksum = createChecksum(algorithm);
  checksum.update(bytes);
  return { digest: checksum.digest(), size: bytes.length };
}

describe.each(["CRC32", "CRC32C", "CRC64NVME"] as const)("combined %s", (algorithm) => {
  test("equals that of the parts in a row, empty ones included", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 8 }), (pieces) => {
        const combined = combineCrc(
          algorithm,
          pieces.map((piece) => partOf(algorithm, piece)),
        );
        expect(combined).toEqual(partOf(algorithm, Buffer.concat(pieces)).digest);
      }),
    );
  });

  test("depends on the order of the parts", () => {
    const parts = ["first", "second"].map((text) => partOf(algorithm, Buffer.from(text)));
    expect(combineCrc(algorithm, parts)).not.toEqual(combineCrc(algorithm, parts.toReversed()));
  });

  test("holds for lengths beyond 32 bits, where shifts of whole numbers would wrap", () => {
    // 2^33 + 5 bytes in one step must equal the same bytes in many.
    const zeros = partOf(algorithm, Buffer.alloc(1 << 20));
    const tail = partOf(algorithm, Buffer.alloc(5));
    const mebibytes = Array.from({ length: 1 << 13 }, () => zeros);
    const digest = combineCrc(algorithm, [...mebibytes, tail]);
    const prefix = partOf(algorithm, Buffer.from("prefix"));
    expect(combineCrc(algorithm, [prefix, { digest, size: 2 ** 33 + 5 }])).toEqual(
      combineCrc(algorithm, [prefix, ...mebibytes, tail]),
    );
  });
});
