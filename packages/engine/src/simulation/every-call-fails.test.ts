import { expect, test } from "vitest";
import { Beliefs, common, sharedBucket } from "./beliefs.ts";
import { directoryNode } from "./disk-image.ts";
import { faultRun, type Fault, type FaultStart } from "./fault-run.ts";
import { Life } from "./life.ts";
import { seeded } from "./seeded.ts";
import { openSimulated } from "./simulated-engine.ts";
import { Writer } from "./writer.ts";

const errnos = ["EIO", "ENOSPC", "EMFILE", "EACCES", "EROFS"] as const;

const fresh = (): FaultStart => ({
  disk: directoryNode(),
  image: { durable: new Map(), unflushed: [] },
  beliefs: new Beliefs(),
  steps: 32,
});

/** Directories that lost power while they were written to. */
const cuts = async (seed: number): Promise<readonly FaultStart[]> => {
  const chance = seeded(seed);
  const life = new Life({ ...fresh(), depth: 0, road: "" }, chance, {});
  const { beliefs } = life;
  const engine = await openSimulated(life.machine);
  beliefs.ledger(common).begin(new Map([[`bucket ${sharedBucket}`, "there"]]));
  await engine.createBucket(sharedBucket);
  beliefs.ledger(common).acknowledged();
  let content = 100;
  const nextContent = (): number => (content += 1);
  const writer = new Writer({ name: "0", engine, beliefs, chance, nextContent });
  for (let step = 0; step < 30; step += 1) await writer.step();
  const later = life.cuts.slice(life.cuts.length / 2);
  return later.filter(() => chance() < 8 / later.length).map((cut) => ({ ...cut, steps: 3 }));
};

const sweep = async (start: FaultStart, calls: readonly string[]) => {
  let [runs, refused] = [0, 0];
  const violations: string[] = [];
  const meet = async (fault: Fault): Promise<void> => {
    const outcome = await faultRun(fault, start);
    runs += 1;
    refused += outcome.refused;
    violations.push(...outcome.violations);
  };
  for (const [index, kind] of calls.entries()) {
    const at = index + 1;
    for (const errno of errnos) {
      await meet({ errno, at, lasting: true, kept: at % 2 });
      for (const kept of [0, 1]) await meet({ errno, at, lasting: false, kept });
    }
    if (kind !== "write") continue;
    for (const kept of [0, 1]) await meet({ errno: "short write", at, lasting: false, kept });
  }
  return { runs, refused, violations };
};

const noFault: Fault = { errno: "EIO", at: 0, lasting: false, kept: 0 };

test("whichever call fails, and however, nothing is answered that is not there, nothing leaks, and the error is its own", async () => {
  const start = fresh();
  const { calls, refused: none, violations: found } = await faultRun(noFault, start);
  expect({ none, found }).toEqual({ none: 0, found: [] });
  const { runs, refused, violations } = await sweep(start, calls);
  console.log(
    `${runs} runs: each of ${calls.length} calls failed with ${errnos.join(", ")}, alone and with those after it, ` +
      `and each of ${calls.filter((kind) => kind === "write").length} writes cut short; ` +
      `${refused} operations refused, ${violations.length} violations`,
  );
  expect(violations.slice(0, 5)).toEqual([]);
  expect(refused).toBeGreaterThan(calls.length);
}, 300_000);

test("whichever call of a recovery fails, the directory is refused by its own name and opens the next time", async () => {
  const total = { recoveries: 0, calls: 0, runs: 0, refused: 0 };
  for (const start of await cuts(1)) {
    const { calls, callsOfOpen } = await faultRun(noFault, start);
    const { runs, refused, violations } = await sweep(start, calls.slice(0, callsOfOpen));
    expect(violations.slice(0, 5)).toEqual([]);
    total.recoveries += 1;
    total.calls += callsOfOpen;
    total.runs += runs;
    total.refused += refused;
  }
  console.log(
    `${total.runs} runs: each of the ${total.calls} calls of ${total.recoveries} recoveries failed; ${total.refused} refused`,
  );
  expect(total.refused).toBeGreaterThan(total.calls);
}, 300_000);
