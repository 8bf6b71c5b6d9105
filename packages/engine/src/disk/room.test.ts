import { beforeEach, expect, test } from "vitest";
import { Room } from "./room.ts";

const mebibyte = 1024 * 1024;
const refusal = { code: "InsufficientStorage", reason: "disk_full" };

let disk: { bytesFree: number; bytesTotal: number; filesFree: number; filesTotal: number };
let indexBytes: number;
let now: number;
let asked: number;
let room: Room;

beforeEach(() => {
  disk = { bytesFree: 10 * mebibyte, bytesTotal: 100 * mebibyte, filesFree: 100, filesTotal: 200 };
  indexBytes = 0;
  now = 0;
  asked = 0;
  room = new Room({
    fs: {
      space: async () => {
        asked += 1;
        return { ...disk };
      },
    },
    directory: "/data",
    reserveBytes: 4 * mebibyte,
    indexBytes: async () => indexBytes,
    elapsed: () => now,
  });
});

test("what is claimed and not written yet counts, and is given back", async () => {
  const first = await room.claim(4 * mebibyte);
  await expect(room.claim(4 * mebibyte)).rejects.toMatchObject(refusal);
  first.release();
  (await room.claim(4 * mebibyte)).release();
});

test("a body of unknown length is refused where it meets the reserve", async () => {
  const claim = await room.claim(0);
  for (let written = 0; written < 6; written += 1) {
    await claim.ensure(mebibyte);
    disk.bytesFree -= mebibyte;
    claim.wrote(mebibyte);
  }
  await expect(claim.ensure(mebibyte)).rejects.toMatchObject(refusal);
  claim.release();
});

test("under the reserve nothing is added, however small, until there is room again", async () => {
  disk.bytesFree = 3 * mebibyte;
  await expect(room.admit()).rejects.toMatchObject(refusal);
  expect(await room.reserveFree()).toBe(0.75);
  disk.bytesFree = 5 * mebibyte;
  await room.admit();
});

test("as many bytes as the index has are kept for its compaction", async () => {
  indexBytes = 6 * mebibyte;
  await expect(room.admit()).rejects.toMatchObject(refusal);
});

test("a disk without files to make is full, whatever bytes it has, and bodies count that are under way", async () => {
  disk.filesFree = 18;
  const claims = await Promise.all(Array.from({ length: 4 }, () => room.claim(1)));
  await expect(room.claim(1)).rejects.toMatchObject(refusal);
  for (const claim of claims) claim.release();
  await room.admit();
});

test("a file system that counts no files is never out of them", async () => {
  disk.filesFree = disk.filesTotal = Infinity;
  for (let made = 0; made < 1000; made += 1) await room.admit();
});

test("the file system is asked once for many writes, again after a second, and more often when there is little", async () => {
  disk.filesFree = disk.filesTotal = Infinity;
  for (let write = 0; write < 100; write += 1) await room.admit();
  expect(asked).toBe(1);
  now = 1000;
  await room.admit();
  expect(asked).toBe(2);
  disk.bytesFree = 4 * mebibyte + 20_000;
  now = 2000;
  for (let write = 0; write < 8; write += 1) await room.admit();
  expect(asked).toBeGreaterThan(4);
});

test("that there was less than the reserve is remembered for ten seconds", async () => {
  await room.admit();
  expect(room.wasShort).toBe(false);
  disk.bytesFree = 3 * mebibyte;
  await room.reserveFree();
  disk.bytesFree = 10 * mebibyte;
  now = 9999;
  await room.reserveFree();
  expect(room.wasShort).toBe(true);
  now = 10_000;
  expect(room.wasShort).toBe(false);
});
