import { expect, test } from "vitest";
import { layerOf } from "../simulation/layer-of.ts";
import { seeded } from "../simulation/seeded.ts";
import { changesWithin, Unapplied, type Layer } from "./unapplied.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? 11);

test("what is held is shown like a sorted map that commits were put into and the oldest dropped from", () => {
  const chance = seeded(seed);
  const below = (most: number): number => Math.floor(chance() * most);
  const someKey = (): Buffer => Buffer.from(Array.from({ length: below(3) }, () => below(4) * 85));
  const held = new Unapplied();
  let model: Layer[] = [];
  let compared = 0;
  for (let step = 0; step < 2000; step += 1) {
    if (chance() < 0.55) {
      const changes = Array.from({ length: below(6) }, () => ({
        key: someKey(),
        value: chance() < 0.3 ? undefined : Buffer.from([step % 256, step >> 8]),
      }));
      held.add(layerOf(changes));
      model.push(layerOf(changes));
    } else {
      const commits = below(model.length + 1);
      held.drop(commits);
      model = model.slice(commits);
    }
    const [start, end] = [someKey(), someKey()];
    const newest = new Map(model.flatMap(({ byName }) => [...byName]));
    const within = [...newest.values()]
      .filter(({ key }) => Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0)
      .toSorted((a, b) => Buffer.compare(a.key, b.key));
    expect(changesWithin(held.layers, { start, end })).toEqual(within);
    const name = someKey().toString("latin1");
    expect(held.get(name)).toEqual(newest.get(name));
    expect(held.all()).toEqual(model.flatMap(({ byName }) => [...byName.values()]));
    expect(held.commits).toBe(model.length);
    compared += within.length;
  }
  held.drop(model.length);
  expect(held.bytes).toBe(0);
  console.log(`2000 steps of seed ${seed}: ${compared} changes compared`);
  expect(compared).toBeGreaterThan(1000);
});

test("changes of few bytes count with what they take in memory beside them", () => {
  const held = new Unapplied();
  const changes = Array.from({ length: 1000 }, (_, at) => ({
    key: Buffer.from(`k${at}`),
    value: undefined,
  }));
  held.add(layerOf(changes));
  expect(held.bytes).toBeGreaterThan(200_000);
});
