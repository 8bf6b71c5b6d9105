import { mkdtemp, rm } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeFs } from "../disk/node-fs.ts";
import { BlobWriter } from "./blob-writer.ts";
import { pieceBytes } from "./piece-buffers.ts";
import { readBlob } from "./read-blob.ts";

let directory: string;
const blobs: Buffer[] = [];
const pathOf = (blob: number): string => join(directory, String(blob));

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-read-blob-"));
  for (const pieces of [0.1, 1, 1.5, 3, 4.2, 6]) {
    const bytes = randomBytes(pieces * pieceBytes);
    const blob = blobs.push(bytes) - 1;
    const file = await nodeFs.open(pathOf(blob), "create");
    const writer = new BlobWriter({ blob, file, publish: async () => undefined });
    await writer.finish(bytes);
  }
});
afterAll(() => rm(directory, { recursive: true }));

interface Held {
  readonly piece: Buffer;
  readonly expected: Buffer;
}

/** Reads a range and hands over each piece with what it must be. */
async function* holding(blob: number, from: number): AsyncGenerator<Held> {
  const bytes = blobs[blob] ?? Buffer.alloc(0);
  const shape = { fs: nodeFs, path: pathOf(blob), blob, length: bytes.length };
  let at = from;
  for await (const piece of readBlob({ ...shape, start: from, end: bytes.length - 1 })) {
    yield { piece, expected: bytes.subarray(at, at + piece.length) };
    at += piece.length;
  }
  expect(at).toBe(bytes.length);
}

test("a piece stays as it is until its reader asks for the next, whoever else reads, leaves or starts", async () => {
  let held = 0;
  const reader = async (number: number): Promise<void> => {
    for (let round = 0; round < 6; round += 1) {
      const blob = (number + round) % blobs.length;
      const leaveAfter = (number * 7 + round) % 9;
      let pieces = 0;
      for await (const { piece, expected } of holding(blob, (number * 40_009) % 100_000)) {
        for (let idle = 0; idle < (number * round) % 5; idle += 1) await turn();
        expect(piece.equals(expected)).toBe(true);
        held += 1;
        if ((pieces += 1) === leaveAfter) break;
      }
    }
  };
  await Promise.all(Array.from({ length: 24 }, (_, number) => reader(number)));
  expect(held).toBeGreaterThan(300);
});

test("a reader that keeps pieces for longer finds other bytes in them", async () => {
  const kept: Held[] = [];
  for await (const one of holding(5, 0)) kept.push(one);
  const spoiled = kept.filter(({ piece, expected }) => !piece.equals(expected));
  expect(spoiled.length).toBeGreaterThan(0);
});
