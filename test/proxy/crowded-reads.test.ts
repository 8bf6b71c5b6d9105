import { get, type IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { S3Client } from "@holdfast/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FrontBeforeLab, startFrontBeforeLab } from "./front-before-lab.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

let front: FrontBeforeLab;
let s3: S3Client;

beforeAll(async () => {
  front = await startFrontBeforeLab({});
  s3 = new S3Client(front.tenant);
});

afterAll(async () => {
  s3.close();
  await front.close();
});

const objects = 12;

/** Every eight bytes tell which object they are of, and where in it they stand. */
function stamped(object: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 8 <= length; at += 8) {
    bytes.writeUInt32LE(object + 1, at);
    bytes.writeUInt32LE(at, at + 4);
  }
  return bytes;
}

/** Numbers from 0 to 1, the same for the same seed. */
function numbers(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test(`whoever reads slowly, hangs up or reads beside many others gets no byte that is not his (HOLDFAST_SEED=${seed})`, async () => {
  const { bucket } = front;
  const stored = Array.from({ length: objects }, (_, object) =>
    stamped(object, 100_000 + object * 700_001),
  );
  for (const [object, body] of stored.entries()) {
    await s3.putObject({ bucket, key: `${object}`, body });
  }
  const counts = { whole: 0, left: 0, bytes: 0 };
  const read = async (next: () => number): Promise<void> => {
    const object = Math.floor(next() * objects);
    const expected = stored[object] ?? Buffer.alloc(0);
    const isSlow = next() < 0.5;
    const leavesAt = next() < 0.3 ? next() * expected.length : Infinity;
    const { url } = await s3.presignGet({ bucket, key: `${object}` });
    const answer = await answered(url);
    let at = 0;
    for await (const piece of answer) {
      if (!Buffer.isBuffer(piece)) throw new TypeError("not bytes");
      const isOwn = piece.equals(expected.subarray(at, at + piece.length));
      if (!isOwn) throw new Error(`object ${object} has other bytes behind ${at}`);
      at += piece.length;
      counts.bytes += piece.length;
      if (at > leavesAt) {
        answer.destroy();
        counts.left += 1;
        return;
      }
      if (isSlow && next() < 0.2) await wait(next() * 20);
    }
    expect(at).toBe(expected.length);
    counts.whole += 1;
  };
  const tenant = async (_: unknown, index: number): Promise<void> => {
    const next = numbers(seed + index * 7919);
    for (let round = 0; round < 8; round += 1) await read(next);
  };
  await Promise.all(Array.from({ length: 32 }, tenant));
  const { whole, left, bytes } = counts;
  process.stdout.write(`${whole} read whole, ${left} left, ${bytes} bytes\n`);
  expect(whole + left).toBe(256);
  expect(Math.min(whole, left)).toBeGreaterThan(20);
});

function answered(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, resolve).on("error", reject);
  });
}
