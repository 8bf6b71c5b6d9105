import { s3Error } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { isDamage } from "./is-damage.ts";
import { seal, unseal } from "./sealed-value.ts";

const thrownBy = (call: () => unknown): unknown => {
  try {
    return call();
  } catch (cause) {
    return cause;
  }
};

test("a record that rotted is damaged, and one that makes no sense", () => {
  const key = Buffer.from("k");
  const rotten = seal(key, Buffer.from("value"));
  rotten[6] = (rotten[6] ?? 0) ^ 1;
  expect(isDamage(thrownBy(() => unseal(key, rotten)))).toBe(true);
  expect(isDamage(thrownBy(() => JSON.parse("{")))).toBe(true);
  expect(isDamage(new RangeError("out of order"))).toBe(true);
});

test("a record that cannot be had while the index is opened anew, or for want of descriptors, is not", () => {
  for (const reason of ["index_reopening", "index_error", "out_of_descriptors"]) {
    expect(isDamage(s3Error("ServiceUnavailable", undefined, { reason }))).toBe(false);
  }
  expect(isDamage(Object.assign(new Error("read"), { code: "EIO" }))).toBe(false);
});
