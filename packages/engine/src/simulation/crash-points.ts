import { S3Error } from "@holdfast/protocol";
import type { OpenEngine } from "../open-engine.ts";
import { Beliefs, common, sharedBucket, writers } from "./beliefs.ts";
import { blobAccounts, garbageOf } from "./blob-accounts.ts";
import { directoryNode, type Chance } from "./disk-image.ts";
import { Life, type Cut, type Defects } from "./life.ts";
import { look } from "./look.ts";
import { quiet } from "./quiet.ts";
import { seeded } from "./seeded.ts";
import { missingBlobs, openSimulated, orphans } from "./simulated-engine.ts";
import { Writer } from "./writer.ts";

/** One run of writers and the power cuts of it, all of which its seed draws. */
export interface CrashPoints extends Defects {
  readonly seed: number;
  /** Whether a defect excuses what opening, reading or writing rejected with; nothing does when absent. */
  readonly excuses?: (error: unknown) => boolean;
  /** Ends with the first violation. */
  readonly untilViolation?: boolean;
}

export interface CrashOutcome {
  /** Power cuts after which a fresh engine was opened and compared: first ones, and those within a recovery. */
  readonly points: readonly [first: number, second: number, third: number];
  /** Calls to the disk. */
  readonly calls: number;
  /** Writes that were answered. */
  readonly answers: number;
  /** What was found that must not be, in words; empty when the engine kept its word. */
  readonly violations: readonly string[];
}

const stepsOfRun = 12;
const stepsAfterwards = 2;
const violationsMax = 20;

/** Runs the writers, cuts the power at every call, and opens what every cut left. */
export async function crashPoints(options: CrashPoints): Promise<CrashOutcome> {
  const exploration = new Exploration(options);
  await exploration.run();
  return exploration;
}

class Exploration implements CrashOutcome {
  readonly points: [number, number, number] = [0, 0, 0];
  readonly violations: string[] = [];
  calls = 0;
  answers = 0;
  readonly #options: CrashPoints;
  readonly #chance: Chance;
  #contents = 0;

  constructor(options: CrashPoints) {
    this.#options = options;
    this.#chance = seeded(options.seed);
  }

  async run(): Promise<void> {
    const { seed, untilViolation = false } = this.#options;
    const limit = untilViolation ? 1 : violationsMax;
    const image = { durable: new Map(), unflushed: [] };
    const beliefs = new Beliefs();
    // The last in is the first out, so that no more wait than one life has made.
    const waiting: Cut[] = [
      { disk: directoryNode(), image, beliefs, depth: 0, road: `seed ${seed}` },
    ];
    for (let cut = waiting.pop(); cut !== undefined; cut = waiting.pop()) {
      const life = new Life(cut, this.#chance, this.#options);
      await this.#live(life).catch((error: unknown) => this.#failed(life, error));
      waiting.push(...life.cuts);
      this.calls += life.machine.disk.calls;
      this.answers += life.beliefs.answers;
      if (this.violations.length >= limit) return;
    }
  }

  /** Opens, compares and, the first time and now and then, writes. */
  async #live(life: Life): Promise<void> {
    const { machine, cut } = life;
    if (cut.depth > 0) this.points[cut.depth - 1] = (this.points[cut.depth - 1] ?? 0) + 1;
    const engine = await openSimulated(machine);
    if (cut.depth > 0) {
      await this.#compare(life, engine);
      await this.#reportLeftOvers(life);
      life.compared();
      if (this.#chance() < 0.9) return;
    }
    await this.#write(life, engine);
    await quiet();
    // Where writes may be refused, one may still come to light after a restart.
    const works = this.#options.excuses === undefined;
    if (works) await this.#compare(life, engine);
    await engine.close();
    if (works) await this.#reportLeftOvers(life);
    const { handles } = machine.disk;
    if (handles > 0) this.#report(life, `${handles} files are open after the engine was closed`);
  }

  async #compare(life: Life, engine: OpenEngine): Promise<void> {
    const seen = await look(engine, this.#chance);
    const violations = [...seen.violations, ...life.beliefs.settle(seen)];
    for (const blob of await missingBlobs(life.machine)) violations.push(`${blob} has no file`);
    for (const violation of violations) this.#report(life, violation);
  }

  async #reportLeftOvers(life: Life): Promise<void> {
    const { machine } = life;
    for (const blob of orphans(machine)) this.#report(life, `${blob} was left over`);
    // A wrong count stays wrong, so that it is found by one look of many.
    if (this.#chance() > 0.1) return;
    for (const wrong of await blobAccounts(machine.image)) this.#report(life, wrong);
    for (const blob of await garbageOf(machine.image))
      this.#report(life, `${blob} is still garbage`);
  }

  async #write(life: Life, engine: OpenEngine): Promise<void> {
    const { beliefs, cut } = life;
    const ledger = beliefs.ledger(common);
    if (!ledger.state.has(`bucket ${sharedBucket}`)) {
      ledger.begin(new Map([[`bucket ${sharedBucket}`, "there"]]));
      await engine.createBucket(sharedBucket);
      ledger.acknowledged();
    }
    const steps = cut.depth === 0 ? stepsOfRun : stepsAfterwards;
    const nextContent = (): number => (this.#contents += 1);
    const all = writers.map(async (name) => {
      const writer = new Writer({ name, engine, beliefs, chance: this.#chance, nextContent });
      // A writer who was refused does not know what became of the write, and stops.
      for (let step = 0; step < steps; step += 1) await writer.step();
    });
    await Promise.all(
      all.map((written) => written.catch((error: unknown) => this.#failed(life, error))),
    );
  }

  #failed(life: Life, error: unknown): void {
    if (this.#options.excuses?.(error) !== true) this.#report(life, worded(error));
  }

  #report({ cut }: Life, violation: string): void {
    this.violations.push(`${cut.road}: ${violation}`);
  }
}

function worded(error: unknown): string {
  return S3Error.is(error) ? `${error.code} (${error.reason})` : String(error);
}
