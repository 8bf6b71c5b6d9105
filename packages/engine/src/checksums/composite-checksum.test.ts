import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { compositeChecksum } from "./composite-checksum.ts";

test("a composite checksum digests the parts' binary digests and counts them", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 })), (digests) => {
      const outer = createHash("sha256").update(Buffer.concat(digests)).digest("base64");
      expect(compositeChecksum("SHA256", digests)).toBe(`${outer}-${digests.length}`);
    }),
  );
});

test("a composite of one part is not that part's own checksum", () => {
  const digest = Buffer.from("cbf43926", "hex");
  expect(compositeChecksum("CRC32", [digest])).not.toBe(`${digest.toString("base64")}-1`);
});

test("a composite is as AWS's SDKs expect it from the digest of its one part", () => {
  expect(compositeChecksum("XXHASH3", [Buffer.from("ctyxi2ehff8=", "base64")])).toBe(
    "ksPmtVIgSbU=-1",
  );
});
