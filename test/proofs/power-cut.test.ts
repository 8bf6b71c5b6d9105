import { expect, test } from "vitest";
import { PowerCutDisk, powerCutObstacle, type FileSystem } from "./power-cut-disk.ts";
import { PowerCutRun, type Load } from "./power-cut-run.ts";
import { countFrom, seedFrom } from "./random.ts";
import type { Violation } from "./survivors.ts";

const cuts = countFrom("HOLDFAST_PROOF_CUTS", 100);
const sabotagedCuts = countFrom("HOLDFAST_PROOF_SABOTAGED_CUTS", 20);
const fileSystems: readonly FileSystem[] = ["ext4", "xfs"];
const noDirectorySync = new URL("without-sync.mjs?sync", import.meta.url);
const noFileSync = new URL("without-sync.mjs?datasync", import.meta.url);

const obstacle = await powerCutObstacle();
if (obstacle !== undefined) console.log(`skipped, no power is cut: ${obstacle}`);

const onDisk = async (
  fileSystem: FileSystem,
  work: (disk: PowerCutDisk) => Promise<void>,
): Promise<void> => {
  const disk = await PowerCutDisk.make(fileSystem);
  try {
    await work(disk);
  } finally {
    await disk.dispose();
  }
};

test.skipIf(obstacle !== undefined).concurrent.each(fileSystems)(
  `a power cut under 16 writers loses nothing acknowledged and tears nothing on %s (${cuts} cuts)`,
  { timeout: 60_000 + cuts * 8000 },
  (fileSystem) =>
    onDisk(fileSystem, async (disk) => {
      const seed = seedFrom("HOLDFAST_SEED");
      const run = new PowerCutRun({ disk, name: "data", seed, journalShare: 0.25 });
      const violations: Violation[] = [];
      const orphans: string[] = [];
      const startedAt = performance.now();
      let checked = 0;
      try {
        for (let round = 1; round <= cuts; round += 1) {
          await run.writeUntilCut(round % 4 === 0 ? "calm" : "busy");
          const isLook = round % 10 === 0 || round === cuts;
          const keys = isLook ? run.log.keys() : run.recentKeys();
          violations.push(...(await run.check(keys)));
          checked += keys.length;
          if (isLook) orphans.push(...(await run.orphans()));
        }
      } finally {
        await run.end();
      }
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      const count = (kind: Violation["kind"]): number =>
        violations.filter((violation) => violation.kind === kind).length;
      console.log(
        `${fileSystem}, seed ${seed}: ${cuts} power cuts in ${seconds} s; ` +
          `${count("lost")} of ${run.log.acknowledged} acknowledged writes lost, ` +
          `${count("resurrected")} deletes undone, ${count("torn")} torn, ` +
          `${count("unreadable")} unreadable, ${count("listing") + count("unknown")} listings wrong ` +
          `in ${checked} looks at a key; ${run.unanswered} keys had an unanswered write; ` +
          `${run.tornCommits} torn commits cut, ${run.orphansSwept} unfinished blobs swept, ` +
          `${orphans.length} left`,
      );
      expect(run.surprises).toEqual([]);
      expect(violations).toEqual([]);
      expect(orphans).toEqual([]);
      expect(run.log.acknowledged).toBeGreaterThan(cuts * 4);
      expect(run.unanswered).toBeGreaterThan(0);
    }),
);

interface Sabotage {
  readonly load: Load;
  readonly cuts: number;
  readonly seed: number;
  readonly preload: URL;
}

/** In how many of the cuts an acknowledged write was lost, each on a directory of its own. */
const losingCuts = async (
  disk: PowerCutDisk,
  { load, cuts: count, seed, preload }: Sabotage,
): Promise<number> => {
  let losing = 0;
  for (let cut = 0; cut < count; cut += 1) {
    const name = `${preload.search.slice(1)}-${load}-${cut}`;
    const run = new PowerCutRun({ disk, name, seed: seed + cut, preload });
    try {
      await run.writeUntilCut(load);
      const lost = await run.check().catch((error: unknown) => [String(error)]);
      if (lost.length > 0) losing += 1;
    } finally {
      await run.end();
    }
  }
  return losing;
};

test.skipIf(obstacle !== undefined).concurrent.each(fileSystems)(
  `sabotage: without the directory sync a power cut after a write loses it on %s`,
  { timeout: 60_000 + sabotagedCuts * 20_000 },
  (fileSystem) =>
    onDisk(fileSystem, async (disk) => {
      const seed = seedFrom("HOLDFAST_SEED");
      const few = Math.ceil(sabotagedCuts / 4);
      const sabotage = {
        load: "calm",
        cuts: sabotagedCuts,
        seed,
        preload: noDirectorySync,
      } as const;
      const losing = await losingCuts(disk, sabotage);
      const busy = await losingCuts(disk, { ...sabotage, load: "busy", cuts: few });
      const noFile = await losingCuts(disk, { ...sabotage, cuts: few, preload: noFileSync });
      console.log(
        `${fileSystem}, seed ${seed}, without the directory sync: acknowledged writes lost in ` +
          `${losing} of ${sabotagedCuts} cuts after a write, and in ${busy} of ${few} while 15 other ` +
          `writers sync their files; without the file sync in ${noFile} of ${few}`,
      );
      expect(losing / sabotagedCuts).toBeGreaterThanOrEqual(0.95);
      expect(noFile).toBe(few);
    }),
);
