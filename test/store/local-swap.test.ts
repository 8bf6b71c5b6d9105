import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LocalDriver, Store } from "@holdfast/store";

const increments = Number(process.env["HOLDFAST_STORE_INCREMENTS"] ?? 60);

async function counter(): Promise<{ readonly root: string; readonly store: Store }> {
  const root = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const store = Store.over(new LocalDriver({ root }));
  await store.writeText("d/n", "0");
  return { root, store };
}

interface Incrementer {
  readonly child: ChildProcess;
  /** How many increments it said to be done, once it has ended. */
  readonly done: Promise<number>;
}

function incrementer(root: string, times: number): Incrementer {
  const script = join(import.meta.dirname, "increment.mjs");
  const child = spawn(process.execPath, [script, root, String(times)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let done = 0;
  child.stdout.on("data", (piece: Buffer) => {
    done += piece.byteLength;
  });
  return { child, done: once(child, "close").then(() => done) };
}

test(`4 processes swap a number for the next ${increments} times each, and none of it is lost`, async () => {
  const { root, store } = await counter();
  const all = [1, 2, 3, 4].map(() => incrementer(root, increments));
  const done = await Promise.all(all.map((one) => one.done));
  expect(done).toEqual(all.map(() => increments));
  expect(await store.readText("d/n")).toBe(String(4 * increments));
  expect(await readdir(join(root, "d"))).toEqual(["n"]);
});

test("processes that swap are killed: each has lost at most the one it was at, and stops nobody", async () => {
  const { root, store } = await counter();
  const survivors = [1, 2].map(() => incrementer(root, increments));
  let [said, killed] = [0, 0];
  for (let round = 0; round < 6; round += 1) {
    const { child, done } = incrementer(root, Number.MAX_SAFE_INTEGER);
    await Promise.race([once(child.stdout ?? child, "data"), done]);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 30));
    killed += Number(child.kill("SIGKILL"));
    said += await done;
  }
  for (const { done } of survivors) said += await done;
  const count = Number(await store.readText("d/n"));
  expect(killed).toBe(6);
  expect(count).toBeGreaterThanOrEqual(said);
  expect(count).toBeLessThanOrEqual(said + killed);
  // Leftovers are looked for by whoever first writes to a folder.
  const late = Store.over(new LocalDriver({ root }));
  await late.writeText("d/n", "last", { overwrite: true });
  expect(await readdir(join(root, "d"))).toEqual(["n"]);
  console.log(`${said} increments acknowledged, ${count} made, ${killed} processes killed`);
});
