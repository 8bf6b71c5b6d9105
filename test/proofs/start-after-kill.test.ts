import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { openEngine } from "@holdfast/engine";
import { afterEach, beforeEach, expect, test } from "vitest";
import { countFrom } from "./random.ts";
import { connectS3 } from "./s3-client.ts";
import { startServer, type ServerChild } from "./server-child.ts";

const objects = countFrom("HOLDFAST_PROOF_OBJECTS", 6000);
/** More goes through the log than it may hold; up to 16 KiB a body travels in it. */
const objectBytes = Math.min(16 * 1024, Math.ceil((112 * 2 ** 20) / objects));
const blobBytes = 20 * 1024;
const bucket = "many";
const connections = 32;
const starts = 5;
/** 64 MiB is when the engine takes a checkpoint; the commit that passes it may be a large one. */
const logMiBMax = 64 + 16;

let directory: string;
let server: ServerChild | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-start-"));
});

afterEach(async () => {
  await server?.kill();
  await rm(directory, { recursive: true, force: true });
});

interface Start {
  readonly child: ServerChild;
  readonly ms: number;
  /** What it took of a processor, which a busy machine does not lengthen. */
  readonly cpuMs: number;
}

async function start(): Promise<Start> {
  const startedAt = performance.now();
  server = await startServer({ directory, buckets: [bucket] });
  const ms = performance.now() - startedAt;
  return { child: server, ms, cpuMs: cpuMsOf(server.pid) };
}

/** proc_pid_stat(5): fields 14 and 15, in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const line = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = line.slice(line.lastIndexOf(")") + 2).split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** Puts the objects from one number up to another; one in fifty has a blob of its own. */
async function fill(child: ServerChild, from: number, to: number): Promise<void> {
  const client = connectS3(child.port, connections);
  const bodies = [Buffer.alloc(objectBytes, 1), Buffer.alloc(blobBytes, 2)];
  let next = from;
  const put = async (): Promise<void> => {
    for (let number = next++; number < to; number = next++) {
      const body = bodies[number % 50 === 0 ? 1 : 0] ?? Buffer.alloc(0);
      const reply = await client.send({ method: "PUT", target: `/${bucket}/${number}`, body });
      expect(reply.status).toBe(200);
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, put));
  } finally {
    client.close();
  }
}

async function logMiB(): Promise<number> {
  const root = join(directory, "log");
  const names = await readdir(root);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(root, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
}

test(
  `a start after a kill replays no more than the last checkpoint left, whatever there is (${objects} objects)`,
  { timeout: 60_000 + objects * 20 },
  async () => {
    await fill((await start()).child, 0, objects);
    const told: string[] = [];
    let commits = 0;
    for (let round = 0; round < starts; round++) {
      await server?.kill();
      const mib = await logMiB();
      expect(mib).toBeLessThan(logMiBMax);
      const { child, ms, cpuMs } = await start();
      const { replayedCommits } = child.recovered;
      commits += replayedCommits;
      told.push(
        `${ms.toFixed(0)} ms, ${cpuMs} ms of CPU (${mib.toFixed(1)} MiB of log, ${replayedCommits} commits)`,
      );
      await fill(child, objects + round * 200, objects + (round + 1) * 200);
    }
    console.log(`from spawn to ready with ${objects} objects: ${told.join("; ")}`);
    expect(commits).toBeGreaterThan(0);
  },
);

test("sabotage: an engine that takes no checkpoint is seen to leave a longer log", async () => {
  const engine = await openEngine({ directory, logBytesMax: 1024 ** 3 });
  try {
    await engine.createBucket(bucket);
    const body = Buffer.alloc(16 * 1024, 3);
    for (let number = 0; number < 6000; number += connections) {
      await Promise.all(
        Array.from({ length: connections }, (_, index) =>
          engine.putObject({
            bucket,
            key: String(number + index),
            body: Readable.from([body]),
            size: body.length,
            metadata: { system: {}, user: {} },
            checksumAlgorithm: "CRC32",
          }),
        ),
      );
    }
    expect(await logMiB()).toBeGreaterThan(logMiBMax);
  } finally {
    await engine.close();
  }
});
