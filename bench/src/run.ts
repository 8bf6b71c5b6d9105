import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { measure, type Effort, type Measured } from "./measure.ts";
import { measureMemory, type Memory } from "./memory.ts";
import { fill, replies } from "./prepare.ts";
import { allMet, report } from "./report.ts";
import { rows } from "./rows.ts";
import { startHoldfast } from "./servers/holdfast.ts";
import { startLimit } from "./servers/limit.ts";
import { startS3rver } from "./servers/s3rver.ts";
import { sabotaged } from "./servers/sabotage.ts";
import type { Server } from "./servers/server.ts";

const page = new URL("../../docs/reference/bench.md", import.meta.url);
const sabotage = process.env["HOLDFAST_BENCH_SABOTAGE"] === "proxy";

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    profile: { type: "string" },
  },
});

const known = [...rows.map(({ id }) => id), "memory"];
for (const id of options.only ?? []) {
  if (known.includes(id)) continue;
  process.stderr.write(`There is no row '${id}': --only takes one of ${known.join(", ")}.\n`);
  process.exit(2);
}

const effort: Effort = options.short
  ? { rounds: 3, durationMs: 250 }
  : { rounds: 9, durationMs: 700 };

const started: Server[] = [];

async function start(server: Promise<Server>): Promise<Server> {
  const running = await server;
  started.push(running);
  return running;
}

async function startSubject(root: string, name: string): Promise<Server> {
  const directory = join(root, name);
  const gateway = startHoldfast({ directory, profile: options.profile });
  return start(sabotage ? gateway.then(sabotaged) : gateway);
}

async function speed(root: string): Promise<Measured[]> {
  const chosen = rows.filter(({ id }) => options.only?.includes(id) ?? true);
  if (chosen.length === 0) return [];
  const holdfast = await startSubject(root, "holdfast");
  await mkdir(join(root, "s3rver"));
  const s3rver = await start(startS3rver(join(root, "s3rver")));
  for (const server of [holdfast, s3rver]) await fill(server);
  const limit = await start(startLimit(root, await replies(holdfast)));
  const all: Measured[] = [];
  for (const row of chosen) all.push(await measure([holdfast, s3rver, limit], row, effort));
  return all;
}

async function memory(root: string): Promise<Memory | undefined> {
  if (options.only !== undefined && !options.only.includes("memory")) return undefined;
  // A fresh process: what the speed rows left in its heap is not the question.
  const holdfast = await startSubject(root, "memory");
  return measureMemory(holdfast, options.short ? 128 : 1024);
}

const root = await mkdtemp(join(tmpdir(), "holdfast-bench-"));
try {
  const measured = await speed(root);
  const peak = await memory(root);
  const text = report(measured, peak);
  process.stdout.write(text);
  const whole = !options.short && options.only === undefined && !sabotage;
  if (whole) await writeFile(page, text);
  if (!allMet(measured, peak)) process.exitCode = 1;
} finally {
  for (const server of started) await server.stop();
  await rm(root, { recursive: true, force: true });
}
