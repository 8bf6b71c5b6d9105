import { cp, mkdtemp, readdir, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { below, countFrom, seededRandom, seedFrom, type Random } from "./random.ts";
import { connectS3 } from "./s3-client.ts";
import { startServer, type ServerChild } from "./server-child.ts";
import { checkSurvivors, type Violation } from "./survivors.ts";
import { WriteLog } from "./write-log.ts";
import { runWriter, type OpenUpload, type WriterEnd } from "./writers.ts";

const kills = countFrom("HOLDFAST_PROOF_KILLS", 50);
const writers = 16;
const bucket = "kept";

let directory: string;
let server: ServerChild | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-kill-"));
});

afterEach(async () => {
  await server?.kill();
  await rm(directory, { recursive: true, force: true });
});

interface Run {
  readonly log: WriteLog;
  readonly random: Random;
  readonly open: Map<string, OpenUpload>;
  readonly violations: Violation[];
  readonly surprises: string[];
  unanswered: number;
}

function newRun(seed: number): Run {
  const log = new WriteLog();
  const random = seededRandom(seed);
  return { log, random, open: new Map(), violations: [], surprises: [], unanswered: 0 };
}

async function start(): Promise<ServerChild> {
  server = await startServer({ directory, buckets: [bucket] });
  return server;
}

/** Sixteen writers on a running server, until it is killed at a random moment. */
async function writeUntilKilled(running: ServerChild, run: Run, round: string): Promise<void> {
  const client = connectS3(running.port, writers);
  const enough = run.log.acknowledged + writers;
  const names = Array.from({ length: writers }, (_, index) => `writer-${index}`);
  const ends = names.map(async (name): Promise<[string, WriterEnd]> => {
    const random = seededRandom(below(run.random, 2 ** 32));
    const options = { client, log: run.log, bucket, random, name, raceKey: `race-${round}` };
    const left = run.open.get(name);
    run.open.delete(name);
    return [name, await runWriter(options, left)];
  });
  // A busy machine takes its time, and a kill before anything was acknowledged would prove nothing.
  await eventually(() => run.log.acknowledged > enough, true, 20_000);
  await delay(below(run.random, 300));
  await running.kill();
  for (const [name, { openUpload, surprise }] of await Promise.all(ends)) {
    if (openUpload !== undefined) run.open.set(name, openUpload);
    if (surprise !== undefined) run.surprises.push(`${round} ${name}: ${surprise}`);
  }
  client.close();
  run.unanswered += run.log.keys().filter((key) => run.log.allowed(key).length > 1).length;
}

async function check(run: Run): Promise<Violation[]> {
  const running = server?.isRunning() === true ? server : await start();
  const client = connectS3(running.port, 4);
  try {
    return await checkSurvivors(client, run.log, { bucket });
  } finally {
    client.close();
  }
}

test(
  `SIGKILL under ${writers} writers loses nothing acknowledged and tears nothing (${kills} kills)`,
  { timeout: 60_000 + kills * 4000 },
  async () => {
    const seed = seedFrom("HOLDFAST_PROOF_SEED");
    const run = newRun(seed);
    const startedAt = performance.now();
    let checked = 0;
    for (let round = 0; round < kills; round++) {
      await writeUntilKilled(await start(), run, String(round));
      run.violations.push(...(await check(run)));
      checked += run.log.keys().length;
      await server?.kill();
    }
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const count = (kind: Violation["kind"]): number =>
      run.violations.filter((violation) => violation.kind === kind).length;
    console.log(
      `seed ${seed}: ${kills} kills in ${seconds} s; ` +
        `${count("lost")} of ${run.log.acknowledged} acknowledged writes lost, ` +
        `${count("resurrected")} deletes undone, ${count("torn")} torn, ` +
        `${count("unreadable")} unreadable, ${count("listing") + count("unknown")} listings wrong ` +
        `in ${checked} looks at a key; ${run.unanswered} keys had an unanswered write`,
    );
    expect(run.surprises).toEqual([]);
    expect(run.violations).toEqual([]);
    expect(run.log.acknowledged).toBeGreaterThan(kills * writers);
    expect(run.unanswered).toBeGreaterThan(0);
  },
);

/** A run of a few rounds, with a copy of the directory from before the last one. */
async function writtenRun(seed: number): Promise<{ run: Run; copy: string }> {
  const run = newRun(seed);
  await writeUntilKilled(await start(), run, "first");
  expect(await check(run)).toEqual([]);
  await server?.kill();
  const copy = `${directory}-copy`;
  await cp(directory, copy, { recursive: true });
  await writeUntilKilled(await start(), run, "last");
  return { run, copy };
}

test("sabotage: a directory from before the last round is seen to have lost writes", async () => {
  const { run, copy } = await writtenRun(1);
  try {
    await rm(directory, { recursive: true });
    await cp(copy, directory, { recursive: true });
    const kinds = new Set((await check(run)).map(({ kind }) => kind));
    expect(kinds).toContain("lost");
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});

test("sabotage: a log and an index without their tails are refused, or seen to have lost writes", async () => {
  const { run, copy } = await writtenRun(2);
  await rm(copy, { recursive: true, force: true });
  const logs = await filesUnder(join(directory, "log"));
  const tails = (await filesUnder(join(directory, "index"))).filter((file) =>
    file.endsWith(".log"),
  );
  for (const file of [...logs, ...tails]) await truncate(file, (await writtenBytes(file)) / 2);
  const outcome = await check(run).catch(String);
  if (typeof outcome === "string") expect(outcome).toMatch(/damaged/);
  else expect(new Set(outcome.map(({ kind }) => kind))).toContain("lost");
});

test("sabotage: a blob that was cut short is seen to be unreadable, never as other bytes", async () => {
  const { run, copy } = await writtenRun(3);
  await rm(copy, { recursive: true, force: true });
  expect(await check(run)).toEqual([]);
  await server?.kill();
  const files = await filesUnder(join(directory, "blobs"));
  for (const file of files) await truncate(file, Math.trunc((await stat(file)).size / 2));
  const violations = await check(run);
  expect(violations.length).toBeGreaterThan(0);
  expect(new Set(violations.map(({ kind }) => kind))).toEqual(new Set(["unreadable"]));
});

/** How much of a file is more than zeros at its end, rounded down to an even number. */
async function writtenBytes(file: string): Promise<number> {
  const bytes = await readFile(file);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end - (end % 2);
}

async function filesUnder(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
