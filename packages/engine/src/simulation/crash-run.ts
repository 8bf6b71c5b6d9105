import type { Fs } from "../disk/fs.ts";
import type { MemoryImage } from "../index/memory-store.ts";
import type { OpenEngine } from "../open-engine.ts";
import { seeded } from "./seeded.ts";
import type { Chance } from "./disk-image.ts";
import { SimDisk, type DiskCall } from "./sim-disk.ts";
import { directory, openSimulated, orphans, type Machine } from "./simulated-engine.ts";
import { Witness } from "./witness.ts";

/** One run of writers against a disk that loses power, from its seed. */
export interface CrashRun {
  readonly seed: number;
  /** What stands between the engine and its disk: a defect to be found, or nothing. */
  readonly between?: (disk: SimDisk) => Fs;
}

export interface CrashOutcome {
  /** Writes that were acknowledged before the power went. */
  readonly acknowledged: number;
  /** What was found that must not be, in words; empty when the engine kept its word. */
  readonly violations: readonly string[];
  /** Calls to the disk at which the power could have gone. */
  readonly calls: number;
}

const writers = 3;
const keysPerWriter = 2;
const writesMax = 60;
const crashesDeep = 3;

/** Writes until the power goes and recovers, three times over and sometimes within recovery itself. */
export async function crashRun({
  seed,
  between = (disk) => disk,
}: CrashRun): Promise<CrashOutcome> {
  const chance = seeded(seed);
  const witness = new Witness();
  const violations: string[] = [];
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  let disk = new SimDisk();
  let calls = 0;
  await disk.mkdir(directory);
  await disk.syncDirectory("");
  for (let depth = 0; depth < crashesDeep; depth += 1) {
    const powerOffAt = 1 + Math.floor(chance() * (chance() < 0.3 ? 40 : 400));
    const off = (call: DiskCall): void => {
      if (call.number === powerOffAt) disk.powerOff();
    };
    disk = cutPower(disk, { image, chance, off });
    const machine = { disk, image, fs: between(disk) };
    violations.push(...(await writeUntilOff(machine, witness, chance)));
    calls += disk.calls;
  }
  disk = cutPower(disk, { image, chance });
  violations.push(...(await lastLook({ disk, image, fs: between(disk) }, witness)));
  return { acknowledged: witness.acknowledged, violations, calls };
}

interface PowerCut {
  readonly image: MemoryImage;
  readonly chance: Chance;
  readonly off?: (call: DiskCall) => void;
}

function cutPower(disk: SimDisk, { image, chance, off }: PowerCut): SimDisk {
  image.unflushed = image.unflushed.filter(() => chance() < 0.5);
  return disk.crash(chance, off);
}

async function lastLook(machine: Machine, witness: Witness): Promise<readonly string[]> {
  try {
    const engine = await openSimulated(machine);
    const violations = [...(await witness.compare(engine)), ...orphans(machine)];
    await engine.close();
    return violations;
  } catch (error) {
    return [`does not open: ${String(error)}`];
  }
}

async function writeUntilOff(
  machine: Machine,
  witness: Witness,
  chance: Chance,
): Promise<readonly string[]> {
  const { disk } = machine;
  let engine: OpenEngine;
  try {
    engine = await openSimulated(machine);
  } catch (error) {
    return disk.off ? [] : [`does not open: ${String(error)}`];
  }
  const violations = await witness.compare(engine);
  // Reads fail once the power is off, which says nothing.
  if (disk.off) return [];
  await engine.createBucket("b").catch(() => undefined);
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let writes = 0; writes < writesMax && !disk.off; writes += 1) {
        const key = `${writer}/${Math.floor(chance() * keysPerWriter)}`;
        const content = chance() < 0.2 ? undefined : witness.nextContent();
        await witness.write(engine, key, content);
      }
    }).map((writer) => writer.catch(() => undefined)),
  );
  await engine.close().catch(() => undefined);
  return violations;
}
