import { createSecretKey, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { seal, unseal, type MasterKey } from "./sealing.ts";

const key = (id: string): MasterKey => ({ id, key: createSecretKey(randomBytes(32)) });
const place = { kind: "secret", name: "AKIAEXAMPLE" } as const;

test("what was sealed opens with its key at its place", () => {
  const current = key("a");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      expect(unseal(seal(text, current, place), current, place)).toBe(text);
    }),
  );
});

test("the same text is never sealed to the same bytes", () => {
  const current = key("a");
  const sealed = Array.from({ length: 1000 }, () => seal("x", current, place).toString("hex"));
  expect(new Set(sealed).size).toBe(1000);
});

test("no flipped bit, no cut and no addition opens", () => {
  const current = key("a");
  const sealed = seal("a secret of forty characters, or about it", current, place);
  for (let bit = 0; bit < sealed.length * 8; bit += 1) {
    const other = Buffer.from(sealed);
    other.writeUInt8(other.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(unseal(other, current, place)).toBeUndefined();
  }
  for (let length = 0; length < sealed.length; length += 1) {
    expect(unseal(sealed.subarray(0, length), current, place)).toBeUndefined();
  }
  expect(unseal(Buffer.concat([sealed, Buffer.of(0)]), current, place)).toBeUndefined();
});

test("what was sealed opens in no other row or column, and under no other key or name of it", () => {
  const current = key("a");
  const sealed = seal("secret", current, place);
  for (const [other, elsewhere] of [
    [current, { ...place, name: "AKIAOTHER" }],
    [current, { ...place, kind: "token" as const }],
    [{ ...current, id: "b" }, place],
    [key("a"), place],
  ] as const) {
    expect(unseal(sealed, other, elsewhere)).toBeUndefined();
  }
});
