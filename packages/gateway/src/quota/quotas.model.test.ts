import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { S3Error } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Change, Changed } from "./quotas.ts";
import { Quotas } from "./quotas.ts";
import type { Shelf } from "./shelf.ts";
import { objectSlot, partSlot, uploadSlot, type UploadName } from "./slot.ts";
import { UsageDatabase } from "./usage-database.ts";

const bucket = "b";
const hardBytes = 5000;
const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

/** Mulberry32: the same run for the same seed. */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A keeper that takes its time, sometimes loses an answer, and sometimes cannot be asked. */
class Keeper implements Shelf {
  readonly lagMs = 0;
  readonly objectsHeld = new Map<string, number>();
  readonly uploadsHeld = new Map<string, Map<number, number>>();
  /** What it held at most. */
  mostBytes = 0;
  failing = 0.02;
  readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
  }

  get heldBytes(): number {
    let bytes = 0;
    for (const size of this.objectsHeld.values()) bytes += size;
    for (const parts of this.uploadsHeld.values()) for (const size of parts.values()) bytes += size;
    return bytes;
  }

  async slowly<T>(work: () => T): Promise<T> {
    await this.#rest();
    const result = work();
    this.mostBytes = Math.max(this.mostBytes, this.heldBytes);
    await this.#rest();
    return result;
  }

  async #rest(): Promise<void> {
    for (let turns = Math.floor(this.random() * 4); turns > 0; turns -= 1) await turn();
  }

  #look<T>(work: () => T): Promise<T> {
    if (this.random() < this.failing) return Promise.reject(new Error("cannot be asked"));
    return this.slowly(work);
  }

  objectBytes(_bucket: string, key: string): Promise<number> {
    return this.#look(() => this.objectsHeld.get(key) ?? 0);
  }

  partBytes({ uploadId }: UploadName, partNumber: number): Promise<number> {
    return this.#look(() => this.uploadsHeld.get(uploadId)?.get(partNumber) ?? 0);
  }

  parts({ uploadId }: UploadName): Promise<ReadonlyMap<number, number>> {
    return this.#look(() => new Map(this.uploadsHeld.get(uploadId)));
  }

  objects(_bucket: string, after: string): Promise<Awaited<ReturnType<Shelf["objects"]>>> {
    return this.slowly(() => {
      const keys = [...this.objectsHeld.keys()].toSorted().filter((key) => key > after);
      const page = keys.slice(0, 3);
      const objects = page.map((key) => ({ key, size: this.objectsHeld.get(key) ?? 0 }));
      return keys.length > page.length ? { objects, next: page.at(-1) } : { objects };
    });
  }

  uploads(): Promise<Awaited<ReturnType<Shelf["uploads"]>>> {
    return this.slowly(() => ({
      uploads: [...this.uploadsHeld.keys()].map((uploadId) => ({ bucket, key: "u", uploadId })),
    }));
  }
}

/** One writer, who does as a request would, through one of the gateways. */
class Writer {
  readonly #keeper: Keeper;
  readonly #quotas: Quotas;
  refused = 0;

  constructor(keeper: Keeper, quotas: Quotas) {
    this.#keeper = keeper;
    this.#quotas = quotas;
  }

  async act(): Promise<void> {
    const { random } = this.#keeper;
    const chance = random();
    const key = `k${Math.floor(random() * 9)}`;
    const size = Math.floor(random() * 900);
    if (chance < 0.35) await this.#put(key, size);
    else if (chance < 0.45) await this.#copy(key, `k${Math.floor(random() * 9)}`);
    else if (chance < 0.6) await this.#delete([key, `k${Math.floor(random() * 9)}`]);
    else if (chance < 0.8) await this.#part(size);
    else if (chance < 0.9) await this.#complete(key);
    else await this.#abort();
  }

  async #write(change: Change, mutate: () => void, told: boolean): Promise<void> {
    const keeper = this.#keeper;
    try {
      await this.#quotas.write(change, async (): Promise<Changed<undefined>> => {
        const chance = keeper.random();
        if (chance < 0.1) throw new Error("lost on the way there");
        await keeper.slowly(mutate);
        if (chance < 0.2) throw new Error("lost on the way back");
        return { value: undefined, outcome: told ? { bytes: change.bytes } : "unknown" };
      });
    } catch (error) {
      if (S3Error.is(error) && error.code === "EntityTooLarge") this.refused += 1;
    }
  }

  #put(key: string, bytes: number): Promise<void> {
    const { objectsHeld } = this.#keeper;
    return this.#write({ slots: [objectSlot(bucket, key)], bytes }, () => objectsHeld.set(key, bytes), true); // prettier-ignore
  }

  #copy(key: string, from: string): Promise<void> {
    const { objectsHeld } = this.#keeper;
    const bytes = objectsHeld.get(from) ?? 0;
    const copy = (): void => {
      const now = objectsHeld.get(from) ?? 0;
      if (now <= bytes) objectsHeld.set(key, now);
    };
    return this.#write({ slots: [objectSlot(bucket, key)], bytes }, copy, false);
  }

  #delete(keys: readonly string[]): Promise<void> {
    const { objectsHeld } = this.#keeper;
    const [first = "", ...others] = new Set(keys);
    const slots = [objectSlot(bucket, first), ...others.map((key) => objectSlot(bucket, key))] as const; // prettier-ignore
    return this.#write({ slots: [slots[0], ...slots.slice(1)], bytes: 0 }, () => {
      for (const key of keys) objectsHeld.delete(key);
    }, true); // prettier-ignore
  }

  #part(bytes: number): Promise<void> {
    const { random, uploadsHeld } = this.#keeper;
    const uploadId = `u${Math.floor(random() * 3)}`;
    const partNumber = 1 + Math.floor(random() * 4);
    // Some come for an upload that is gone, and are not taken.
    if (random() < 0.5 && !uploadsHeld.has(uploadId)) uploadsHeld.set(uploadId, new Map());
    const slots = [partSlot({ bucket, key: "u", uploadId }, partNumber)] as const;
    return this.#write({ slots, bytes }, () => {
      const upload = uploadsHeld.get(uploadId);
      if (upload === undefined) throw new Error("no such upload");
      upload.set(partNumber, bytes);
    }, true); // prettier-ignore
  }

  #complete(key: string): Promise<void> {
    const { random, uploadsHeld, objectsHeld } = this.#keeper;
    const uploadId = `u${Math.floor(random() * 3)}`;
    const upload = { bucket, key: "u", uploadId };
    const slots = [objectSlot(bucket, key), uploadSlot(upload)] as const;
    return this.#write({ slots, bytes: 0 }, () => {
      const parts = uploadsHeld.get(uploadId);
      if (parts === undefined) throw new Error("no such upload");
      const chosen = [...parts].filter(([part]) => part < 4);
      objectsHeld.set(key, chosen.reduce((sum, [, size]) => sum + size, 0));
      uploadsHeld.delete(uploadId);
    }, false); // prettier-ignore
  }

  #abort(): Promise<void> {
    const { random, uploadsHeld } = this.#keeper;
    const uploadId = `u${Math.floor(random() * 3)}`;
    const slots = [uploadSlot({ bucket, key: "u", uploadId })] as const;
    return this.#write({ slots, bytes: 0 }, () => uploadsHeld.delete(uploadId), true);
  }
}

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-quotas-"));
});
afterEach(() => rm(directory, { recursive: true }));

test(`16 writers of two gateways, whose answers get lost, never hold more than the limit and are counted to the byte (seed ${seed})`, async () => {
  const random = randomOf(seed);
  const keeper = new Keeper(random);
  const file = join(directory, "usage.db");
  const open = async (): Promise<Quotas> =>
    new Quotas({
      database: await UsageDatabase.open(file),
      quotaOf: () => ({ hardBytes }),
      shelfOf: () => keeper,
    });
  const gateways = [await open(), await open()] as const;
  const writers = Array.from({ length: 16 }, (_, index) => new Writer(keeper, gateways[index % 2 === 0 ? 0 : 1])); // prettier-ignore
  const actions = 60;
  const drifts: (number | undefined)[] = [];
  const recounting = (async () => {
    for (let time = 0; time < 8; time += 1) {
      const { driftBytes } = await gateways[0].recount(bucket).catch(() => ({ driftBytes: 0 }));
      drifts.push(driftBytes);
      for (let rest = 0; rest < 200; rest += 1) await turn();
    }
  })();
  await Promise.all(
    writers.map(async (writer) => {
      for (let action = 0; action < actions; action += 1) await writer.act();
    }),
  );
  await recounting;
  keeper.failing = 0;
  for (const gateway of gateways) while ((await gateway.settleLeftovers()) > 0);
  const usage = await gateways[0].usage(bucket);
  const final = await gateways[1].recount(bucket);
  for (const gateway of gateways) await gateway.close();
  const refused = writers.reduce((sum, writer) => sum + writer.refused, 0);
  expect(usage).toEqual({ usedBytes: keeper.heldBytes, reservedBytes: 0 });
  expect(final.driftBytes).toBe(0);
  expect(keeper.mostBytes).toBeLessThanOrEqual(hardBytes);
  // Else nobody raced for anything.
  expect(refused).toBeGreaterThan(10);
  // The first count of all, whoever makes it, has nothing to differ from.
  const compared = drifts.filter((drift) => drift !== undefined);
  expect(compared.length).toBeGreaterThanOrEqual(drifts.length - 1);
  expect(new Set(compared)).toEqual(new Set([0]));
});
