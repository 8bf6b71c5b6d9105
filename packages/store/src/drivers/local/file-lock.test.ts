import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { tryLock, type Contender } from "./file-lock.ts";
import { lockBase, lockName } from "./hidden-names.ts";

async function base(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return lockBase(join(root, "f"));
}

/** Contenders that die when they say so: what they made stays, and the others learn of it. */
class Village {
  readonly #dead = new Set<string>();
  #born = 0;

  /** One that dies, with that probability, each time that it asks after somebody. */
  contender(mortality: number): Contender {
    this.#born += 1;
    const token = `c${this.#born}`;
    return {
      token,
      fateOf: (other) => {
        if (Math.random() < mortality) throw this.die(token);
        return this.#dead.has(other) ? "dead" : "alive";
      },
    };
  }

  die(token: string): Error {
    this.#dead.add(token);
    return new Error(`${token} died`);
  }
}

interface Tally {
  held: number;
  deaths: number;
  inside: Set<string>;
  mostInside: number;
}

/** Comes for the lock again and again; whoever dies is followed by another. */
async function villager(at: string, village: Village, tally: Tally): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    const contender = village.contender(0.05);
    try {
      const claim = await tryLock(at, contender);
      if (!claim.isHeld) continue;
      tally.held += 1;
      tally.inside.add(contender.token);
      tally.mostInside = Math.max(tally.mostInside, tally.inside.size);
      for (let turns = Math.random() * 5; turns > 0; turns -= 1) await turn();
      // Dead or not, it does nothing more here.
      tally.inside.delete(contender.token);
      if (Math.random() < 0.1) throw village.die(contender.token);
      await claim.release();
    } catch (error) {
      if (!String(error).includes("died")) throw error;
      tally.deaths += 1;
    }
  }
}

test("of many that come and die, before, while and after they hold it, one at a time holds a lock", async () => {
  const at = await base();
  const village = new Village();
  const tally: Tally = { held: 0, deaths: 0, inside: new Set(), mostInside: 0 };
  await Promise.all(Array.from({ length: 8 }, () => villager(at, village, tally)));
  expect(tally.mostInside).toBe(1);
  expect([tally.held > 50, tally.deaths > 50]).toEqual([true, true]);
  const last = await tryLock(at, village.contender(0));
  expect(last.isHeld).toBe(true);
  console.log(`held ${tally.held} times, ${tally.deaths} deaths`);
});

test("a lock is held once, names its owner to others, and leaves nothing behind", async () => {
  const at = await base();
  const first = await tryLock(at);
  const second = await tryLock(at);
  expect(first.isHeld).toBe(true);
  expect(second).toMatchObject({ isHeld: false, owner: expect.stringMatching(/^[0-9a-f-]+$/) });
  if (first.isHeld) await first.release();
  const third = await tryLock(at);
  if (third.isHeld) await third.release();
  expect(third.isHeld).toBe(true);
  expect(await readdir(join(at, ".."))).toEqual([]);
});

test("what the dead left in any order is overcome and taken away", async () => {
  for (const depths of [[0], [0, 1], [1], [1, 2]]) {
    const at = await base();
    const village = new Village();
    for (const depth of depths) {
      const { token } = village.contender(0);
      village.die(token);
      await symlink(token, lockName(at, depth));
    }
    const claim = await tryLock(at, village.contender(0));
    expect([depths, claim.isHeld]).toEqual([depths, true]);
    if (claim.isHeld) await claim.release();
    expect(await readdir(join(at, ".."))).toEqual([]);
  }
});
