import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { signText } from "./string-to-sign.ts";

test("a signature is OpenSSL's HMAC of the same bytes, whatever the text", () => {
  const text = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 400 }); // prettier-ignore
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
  const property = fc.property(key, text, (secret, signed) => {
    const theirs = createHmac("sha256", secret).update(signed, "latin1").digest("hex");
    expect(signText(secret, signed)).toBe(theirs);
  });
  fc.assert(property, { numRuns: 2000 });
});
