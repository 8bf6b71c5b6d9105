import { cp, mkdtemp, readdir, readFile, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { below, countFrom, seededRandom, seedFrom, type Random } from "./random.ts";
import { connectS3 } from "./s3-client.ts";
import { startServer, type ServerChild } from "./server-child.ts";
import { listUploads } from "./surviving-uploads.ts";
import { checkSurvivors, type Violation } from "./survivors.ts";
import { WriteLog } from "./write-log.ts";
import { runWriter, type OpenUpload, type WriterEnd } from "./writers.ts";
import { partBytes } from "./written-object.ts";

const kills = countFrom("HOLDFAST_PROOF_KILLS", 200);
const writers = 16;
const bucket = "kept";
/** So many kills apart, everything is deleted and the blobs that are left are counted. */
const killsPerClearing = 10;

/** All but the socket of a server that was killed, which cannot be copied. */
const copyOptions = { recursive: true, filter: (path: string): boolean => !path.endsWith(".sock") };

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

function running(): Promise<ServerChild> {
  return server?.isRunning() === true ? Promise.resolve(server) : start();
}

/** Sixteen writers on a running server, until it is killed some time behind its so many-th acknowledgement. */
async function writeUntilKilled(run: Run, round: string, acknowledgements = 100): Promise<void> {
  const child = await running();
  const client = connectS3(child.port, writers);
  const goal = run.log.acknowledged + acknowledgements;
  const names = Array.from({ length: writers }, (_, index) => `writer-${index}`);
  const ends = names.map(async (name): Promise<[string, WriterEnd]> => {
    const random = seededRandom(below(run.random, 2 ** 32));
    const options = { client, log: run.log, bucket, random, name, raceKey: `race-${round}` };
    const left = run.open.get(name);
    run.open.delete(name);
    return [name, await runWriter(options, left)];
  });
  await eventually(() => run.log.acknowledged >= goal, true, 20_000);
  await delay(below(run.random, 20));
  await child.kill();
  for (const [name, { openUpload, surprise }] of await Promise.all(ends)) {
    if (openUpload !== undefined) run.open.set(name, openUpload);
    if (surprise !== undefined) run.surprises.push(`${round} ${name}: ${surprise}`);
  }
  client.close();
  run.unanswered += run.log.keys().filter((key) => run.log.allowed(key).length > 1).length;
}

async function check(run: Run): Promise<Violation[]> {
  const client = connectS3((await running()).port, 4);
  try {
    return await checkSurvivors(client, run.log, { bucket });
  } finally {
    client.close();
  }
}

/** Deletes all that is there, kills the server once it said so, and counts the blobs that outlive a start. */
async function clear(run: Run): Promise<number> {
  const client = connectS3((await running()).port, 4);
  try {
    for (const key of run.log.keys()) {
      const reply = await client.send({ method: "DELETE", target: `/${bucket}/${key}` });
      expect(reply.status).toBe(204);
      run.log.answered(key, "absent");
    }
    for (const { key, uploadId } of await listUploads(client, bucket)) {
      const target = `/${bucket}/${key}?uploadId=${uploadId}`;
      expect((await client.send({ method: "DELETE", target })).status).toBe(204);
      run.log.uploads.ended(uploadId);
    }
    run.open.clear();
  } finally {
    client.close();
  }
  run.log.forgetAbsent();
  await server?.kill();
  await (await start()).kill();
  return (await filesUnder(join(directory, "blobs"))).length;
}

/** A process that dies while it recovers from the one before it. */
async function killWhileStarting(random: Random): Promise<void> {
  const signal = AbortSignal.timeout(100 + below(random, 400));
  await startServer({ directory, buckets: [bucket], signal }).then(
    (early) => early.kill(),
    () => undefined,
  );
}

test(
  `SIGKILL under ${writers} writers loses nothing acknowledged and tears nothing (${kills} kills)`,
  { timeout: 60_000 + kills * 6000 },
  async () => {
    const seed = seedFrom("HOLDFAST_SEED");
    const run = newRun(seed);
    const startedAt = performance.now();
    const sum = { looks: 0, orphans: 0, clearings: 0, starts: 0 };
    for (let round = 0; round < kills; round++) {
      await writeUntilKilled(run, String(round), below(run.random, 80));
      if (run.random() < 0.1) {
        await killWhileStarting(run.random);
        sum.starts += 1;
      }
      run.violations.push(...(await check(run)));
      sum.looks += run.log.keys().length;
      if ((round + 1) % killsPerClearing === 0 || round === kills - 1) {
        sum.orphans += await clear(run);
        sum.clearings += 1;
      }
    }
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    const count = (kind: Violation["kind"]): number =>
      run.violations.filter((violation) => violation.kind === kind).length;
    console.log(
      `seed ${seed}: ${kills} kills and ${sum.starts} more while starting in ${seconds} s; ` +
        `${count("lost")} of ${run.log.acknowledged} acknowledged writes lost, ` +
        `${count("resurrected")} deletes undone, ${count("torn")} torn, ` +
        `${count("unreadable")} unreadable, ${count("listing") + count("unknown")} listings wrong ` +
        `in ${sum.looks} looks at a key; ${run.unanswered} keys had an unanswered write; ` +
        `${sum.orphans} blobs left in ${sum.clearings} clearings`,
    );
    expect(run.surprises).toEqual([]);
    expect(run.violations).toEqual([]);
    expect(sum.orphans).toBe(0);
    expect(run.log.acknowledged).toBeGreaterThan(kills * writers);
    expect(run.unanswered).toBeGreaterThan(0);
  },
);

/** A run of a few rounds, with a copy of the directory from before the last one. */
async function writtenRun(seed: number): Promise<{ run: Run; copy: string }> {
  const run = newRun(seed);
  await writeUntilKilled(run, "first");
  expect(await check(run)).toEqual([]);
  await server?.kill();
  const copy = `${directory}-copy`;
  await cp(directory, copy, copyOptions);
  await writeUntilKilled(run, "last");
  return { run, copy };
}

test("sabotage: a directory from before the last round is seen to have lost writes", async () => {
  const { run, copy } = await writtenRun(1);
  try {
    await rm(directory, { recursive: true });
    await cp(copy, directory, copyOptions);
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

test("sabotage: a blob file that no record names is counted as an orphan", async () => {
  const { run, copy } = await writtenRun(4);
  await rm(copy, { recursive: true, force: true });
  expect(await check(run)).toEqual([]);
  expect(await clear(run)).toBe(0);
  await writeUntilKilled(run, "more");
  expect(await check(run)).toEqual([]);
  await server?.kill();
  // Behind the mark up to which an earlier start has swept, as if its unlink had been forgotten.
  const [blob = ""] = await filesUnder(join(directory, "blobs"));
  const [swept = ""] = (await readdir(join(directory, "blobs"))).toSorted();
  await cp(blob, join(directory, "blobs", swept, `${swept}000`));
  expect(await clear(run)).toBe(1);
});

test("sabotage: an object of which one sector is another's is seen to be torn", async () => {
  const run = newRun(5);
  const object = { id: "torn", sizes: [200_000], isMultipart: false };
  const body = partBytes(object, 0);
  body.fill(0, 512 * 9, 512 * 10);
  const client = connectS3((await start()).port, 1);
  const headers = { "x-amz-meta-write": object.id };
  await client.send({ method: "PUT", target: `/${bucket}/torn`, headers, body });
  client.close();
  run.log.asked("torn", object);
  run.log.answered("torn", object);
  await server?.kill();
  expect((await check(run)).map(({ kind }) => kind)).toEqual(["torn"]);
});

test("sabotage: an upload that was aborted and one that was lost are both seen", async () => {
  const run = newRun(6);
  const client = connectS3((await start()).port, 1);
  await client.send({ method: "POST", target: `/${bucket}/back?uploads` });
  const [upload] = await listUploads(client, bucket);
  client.close();
  run.log.uploads.begun("back", upload?.uploadId ?? "");
  run.log.uploads.ended(upload?.uploadId ?? "");
  run.log.uploads.begun("gone", "never-begun");
  const kinds = (await check(run)).map(({ kind }) => kind);
  expect(kinds).toEqual(["resurrected", "lost"]);
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
