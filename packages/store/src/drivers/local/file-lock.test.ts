import { mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { tryLock, type Claim, type LockPlaces } from "./file-lock.ts";
import { lockBase, lockName } from "./hidden-names.ts";
import { lockLinks } from "./lock-links.ts";
import { processToken } from "./process-token.ts";

interface Step {
  readonly owner: string;
  readonly go: () => void;
}

/** One random order of the single steps of many contenders, some of whom die between two of them. */
class Schedule {
  readonly #random: (below: number) => number;
  readonly #places = new Map<number, string>();
  readonly #dead = new Set<string>();
  readonly #inside = new Set<string>();
  readonly #failures: unknown[] = [];
  #steps: Step[] = [];
  #born = 0;
  held = 0;

  constructor(random: (below: number) => number) {
    this.#random = random;
  }

  /** Lets so many come again and again; rejects when two are inside at once. */
  async run(contenders: number, steps: number): Promise<void> {
    for (let count = 0; count < contenders; count += 1) this.#begin();
    for (let count = 0; count < steps; count += 1) {
      for (let tick = 0; tick < 12; tick += 1) await Promise.resolve();
      const [step] = this.#steps.splice(this.#random(this.#steps.length), 1);
      if (step === undefined) break;
      if (this.#random(12) === 0) this.#die(step.owner);
      else step.go();
    }
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  #begin(): void {
    this.#live().catch((error: unknown) => this.#failures.push(error));
  }

  /** What it was about to do never happens; another one comes in its place. */
  #die(owner: string): void {
    this.#dead.add(owner);
    this.#inside.delete(owner);
    this.#steps = this.#steps.filter((step) => step.owner !== owner);
    this.#begin();
  }

  async #live(): Promise<void> {
    for (;;) {
      this.#born += 1;
      const token = `c${this.#born}`;
      const fateOf = (other: string): "alive" | "dead" =>
        this.#dead.has(other) ? "dead" : "alive";
      const claim = await tryLock(this.#placesFor(token), { token, fateOf });
      if (claim.isHeld) await this.#hold(token, claim);
      else await this.#step(token, () => {});
    }
  }

  async #hold(token: string, claim: Claim & { readonly isHeld: true }): Promise<void> {
    this.held += 1;
    this.#inside.add(token);
    if (this.#inside.size > 1) throw new Error(`${[...this.#inside].join(" and ")} hold the lock`);
    await this.#step(token, () => {});
    this.#inside.delete(token);
    await claim.release();
  }

  #placesFor(token: string): LockPlaces {
    const places = this.#places;
    return {
      take: (depth, owner) =>
        this.#step(token, () => {
          if (places.has(depth)) return false;
          places.set(depth, owner);
          return true;
        }),
      ownerOf: (depth) => this.#step(token, () => places.get(depth)),
      clear: (depth) => this.#step(token, () => void places.delete(depth)),
    };
  }

  #step<T>(owner: string, work: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#steps.push({ owner, go: () => resolve(work()) });
    });
  }
}

/** Mulberry32. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const schedules = Number(process.env["HOLDFAST_STORE_SCHEDULES"] ?? 6000);

test(`in ${schedules} random orders of the steps of many, with deaths between them, one at a time holds the lock (HOLDFAST_SEED=${seed})`, async () => {
  let held = 0;
  for (let count = 0; count < schedules; count += 1) {
    const schedule = new Schedule(randomOf(seed + count));
    await schedule.run(2 + (count % 4), 200);
    held += schedule.held;
  }
  expect(held).toBeGreaterThan(schedules);
  console.log(`held ${held} times in ${schedules * 200} steps`);
});

async function base(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return lockBase(join(root, "f"));
}

test("a lock is held once, names its owner to others, and leaves nothing behind", async () => {
  const at = await base();
  const first = await tryLock(lockLinks(at));
  const second = await tryLock(lockLinks(at));
  expect(first.isHeld).toBe(true);
  expect(second).toMatchObject({ isHeld: false, owner: expect.stringContaining(processToken()) });
  if (first.isHeld) await first.release();
  const third = await tryLock(lockLinks(at));
  if (third.isHeld) await third.release();
  expect(third.isHeld).toBe(true);
  expect(await readdir(join(at, ".."))).toEqual([]);
});

test("what the dead left in any order is overcome and taken away", async () => {
  for (const depths of [[0], [0, 1], [1], [1, 2], [0, 2], [0, 1, 3]]) {
    const at = await base();
    for (const depth of depths) await symlink("dead", lockName(at, depth));
    const fateOf = (token: string): "alive" | "dead" => (token === "dead" ? token : "alive");
    const claim = await tryLock(lockLinks(at), { token: "mine", fateOf });
    expect([depths, claim.isHeld]).toEqual([depths, true]);
    if (claim.isHeld) await claim.release();
    expect(await readdir(join(at, ".."))).toEqual([]);
  }
});

test("what fails while a lock is tried for leaves no place taken", async () => {
  for (const dead of [[], ["dead"]]) {
    const taken = new Map(dead.entries());
    const failing = dead.length + 1;
    const places: LockPlaces = {
      async take(depth, token) {
        if (taken.has(depth)) return false;
        taken.set(depth, token);
        return true;
      },
      async ownerOf(depth) {
        if (depth === failing) throw new Error("EIO");
        return taken.get(depth);
      },
      async clear(depth) {
        taken.delete(depth);
      },
    };
    const fateOf = (token: string): "alive" | "dead" => (token === "dead" ? token : "alive");
    await expect(tryLock(places, { token: "mine", fateOf })).rejects.toThrow("EIO");
    expect([...taken.values()]).toEqual(dead);
  }
});

test("what is no lock at a lock's place is somebody's of whom nobody can say anything", async () => {
  const at = await base();
  await writeFile(lockName(at, 0), "");
  expect(await tryLock(lockLinks(at))).toEqual({ isHeld: false, owner: "" });
  await rename(lockName(at, 0), lockName(at, 1));
  expect(await tryLock(lockLinks(at))).toEqual({ isHeld: false, owner: "" });
  expect(await readdir(join(at, ".."))).toHaveLength(1);
});
