import { array, assert, asyncProperty, constant, integer, tuple } from "fast-check";
import { expect, test } from "vitest";
import { cut } from "./cut.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

/** Each byte tells where it stands, modulo 256. */
const pattern = Buffer.alloc(
  30 * 200_000 + 256,
  Uint8Array.from({ length: 256 }, (_, i) => i),
);

async function collected(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

test("whatever pieces come in, pieces of exact sizes go out, and all their bytes in order", async () => {
  // Megabytes in parts of a byte would be millions of parts.
  const sizes = integer({ min: 1, max: 150_000 }).chain((size) =>
    tuple(
      constant(size),
      array(integer({ min: 0, max: Math.min(200_000, size * 40) }), { maxLength: 30 }),
    ),
  );
  await assert(
    asyncProperty(sizes, async ([size, lengths]) => {
      // The source uses one piece of memory for all that it gives.
      const memory = new Uint8Array(200_000);
      let at = 0;
      async function* source(): AsyncGenerator<Uint8Array> {
        for (const length of lengths) {
          memory.set(pattern.subarray(at % 256, (at % 256) + length));
          at += length;
          yield memory.subarray(0, length);
        }
      }
      // Every third part is of another size.
      const sizeOf = (number: number): number => (number % 3 === 0 ? size * 2 : size);
      const parts = await collected(cut(source(), sizeOf));
      const whole = Buffer.concat(parts);
      expect(whole.length).toBe(at);
      expect(whole.equals(pattern.subarray(0, at))).toBe(true);
      parts.forEach((part, index) => {
        const due = sizeOf(index + 1);
        if (index < parts.length - 1) expect(part.byteLength).toBe(due);
        else expect(part.byteLength).toBeGreaterThan(0);
        expect(part.byteLength).toBeLessThanOrEqual(due);
      });
    }),
    { seed, numRuns: 100 },
  );
});

test("a source is not read on before the next piece is asked for", async () => {
  let given = 0;
  async function* source(): AsyncGenerator<Uint8Array> {
    for (;;) {
      given += 1;
      yield new Uint8Array(10);
    }
  }
  const pieces = cut(source(), () => 30);
  await pieces.next();
  expect(given).toBe(3);
  await pieces.next();
  expect(given).toBe(6);
  await pieces.return?.();
});

test("an object of a few bytes does not take the memory of a part", async () => {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield new Uint8Array(10);
  }
  const [piece] = await collected(cut(source(), () => 2 ** 30));
  expect(piece?.byteLength).toBe(10);
  expect(piece?.buffer.byteLength).toBeLessThanOrEqual(2 ** 16);
});
