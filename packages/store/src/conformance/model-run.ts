import assert from "node:assert/strict";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { RemoteStoreError } from "../errors/remote-store-error.ts";
import { Store } from "../store.ts";
import type { Fixture } from "./cell.ts";
import { all } from "./expect-failure.ts";
import { furtherSteps, type Step, type StepInput } from "./model-steps.ts";

/** How long a run is, and which. */
export interface ModelRunOptions {
  readonly seed: number;
  readonly steps: number;
  /** What files and folders are called, for a backend that refuses some of the usual names. */
  readonly names?: readonly [string, ...string[]] | undefined;
}

type Pick = <T>(choices: readonly [T, ...T[]]) => T;

/** Names that look like patterns of one another, alone and as folders of one another. */
const usualNames: readonly [string, ...string[]] = [
  "a",
  "a_b",
  "axb",
  "%",
  "*",
  "[a]",
  "?",
  "\\",
  "a.b",
  "ü",
];

/**
 * Does the same random things to a store and to one in memory, and fails at the first that does not come out the same,
 * be it a result or an error. One seed is one run.
 */
export async function runAgainstModel(
  { driver, store }: Fixture,
  { seed, steps, names = usualNames }: ModelRunOptions,
): Promise<void> {
  const pick = picker(seed);
  const pickPath = (): string => randomPath(pick, names);
  const model = Store.over(new MemoryDriver({ namespace: driver.namespace }));
  for (let count = 1; count <= steps; count += 1) {
    const [said, step] = randomStep(pick, pickPath, (one) => driver.capabilities.has(one));
    const expected = await outcomeOf(step, model);
    const actual = await outcomeOf(step, store);
    assert.deepEqual(actual, expected, `seed ${seed}, step ${count}: ${said}`);
  }
  assert.deepEqual(await outcomeOf(everything, store), await outcomeOf(everything, model));
}

function randomStep(
  pick: Pick,
  pickPath: () => string,
  supports: StepInput["supports"],
): readonly [said: string, step: Step] {
  const path = pickPath();
  const other = pickPath();
  const flag = pick([true, false]);
  const text = `${path} ${flag}`;
  const steps: Readonly<Record<string, Step>> = {
    write: async (store) => (await store.writeText(path, text, { overwrite: flag })).size,
    writeAtomic: async (store) =>
      (await store.writeAtomic(path, Buffer.from(text), { overwrite: flag })).path,
    create: async (store) => (await store.writeText(path, text)).path,
    readText: (store) => store.readText(path),
    delete: (store) => store.delete(path, { missingOk: flag }),
    deleteFolder: (store) => store.deleteFolder(path, { recursive: flag }),
    copy: async (store) => (await store.copy(path, other, { overwrite: flag })).size,
    move: (store) => store.move(path, other, { overwrite: flag }),
    kind: async (store) => [await store.isFile(path), await store.isFolder(path)],
    list: (store) => listed(store.listFiles(path, { recursive: flag })),
    children: (store) => listed(store.iterChildren(path)),
    glob: (store) => listed(store.glob(`${flag ? "**" : "*"}/${path}`)),
    folderInfo: async (store) => (await store.getFolderInfo(path)).totalSize,
    ...furtherSteps({ path, other, flag, supports }),
  };
  const [first = "write", ...rest] = Object.keys(steps);
  const name = pick([first, ...rest]);
  const said = `${name} ${JSON.stringify([path, other, flag])}`;
  return [said, steps[name] ?? (() => Promise.resolve())];
}

function randomPath(pick: Pick, names: readonly [string, ...string[]]): string {
  const depth = pick([1, 1, 2, 2, 3]);
  return Array.from({ length: depth }, () => pick(names)).join("/");
}

async function listed(items: AsyncIterable<{ readonly path: string }>): Promise<string[]> {
  return (await all(items)).map(({ path }) => path);
}

async function outcomeOf(step: Step, store: Store): Promise<unknown> {
  try {
    return { result: await step(store) };
  } catch (error) {
    if (!RemoteStoreError.is(error)) throw error;
    const { name, path, operation } = error;
    return { error: name, path, operation };
  }
}

function everything(store: Store): Promise<string[]> {
  return listed(store.listFiles("", { recursive: true }));
}

/** Mulberry32: small, and the same everywhere. */
function picker(seed: number): Pick {
  let state = seed;
  return (choices) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const index = ((mixed ^ (mixed >>> 14)) >>> 0) % choices.length;
    return choices[index] ?? choices[0];
  };
}
