import { expect, test } from "vitest";
import type { MemoryImage } from "../index/memory-store.ts";
import { seeded } from "./seeded.ts";
import { SimDisk } from "./sim-disk.ts";
import { directory, openSimulated } from "./simulated-engine.ts";

const callsMax = 30;

const startsThenOpens = async (powerOffAt: readonly number[], seed: number): Promise<void> => {
  const chance = seeded(seed);
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  let disk = new SimDisk();
  for (const at of powerOffAt) {
    // Either the power goes, or the process alone.
    const killed = chance() < 0.5;
    const left = killed ? disk.copy() : disk.survivors({ chance, kept: 0.5 });
    if (!killed) image.unflushed = image.unflushed.filter(() => chance() < 0.5);
    disk = new SimDisk(({ number }) => {
      if (number === at) disk.powerOff();
    }, left);
    const engine = await openSimulated({ disk, image }).catch(() => undefined);
    await engine?.close().catch(() => undefined);
  }
  image.unflushed = image.unflushed.filter(() => chance() < 0.5);
  disk = disk.crash(chance);
  const engine = await openSimulated({ disk, image });
  await engine.createBucket("b");
  await engine.close();
  expect(disk.files().some((path) => path.startsWith(`${directory}/log/`))).toBe(true);
};

test("two first starts that lose power, or are killed, at any of their calls leave a directory that opens", async () => {
  let runs = 0;
  for (let first = 1; first <= callsMax; first += 1) {
    for (let second = 1; second <= callsMax; second += 1) {
      for (let again = 0; again < 3; again += 1) {
        const seed = (first * callsMax + second) * 3 + again;
        await startsThenOpens([first, second], seed).catch((cause: unknown) => {
          throw new Error(`power off at ${first} and ${second}, seed ${seed}`, { cause });
        });
        runs += 1;
      }
    }
  }
  expect(runs).toBe(callsMax * callsMax * 3);
}, 300_000);
