import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAudit, type AuditRow } from "@holdfast/gateway";
import { expect, onTestFinished, test } from "vitest";

const kills = Number(process.env["HOLDFAST_AUDIT_KILLS"] ?? 5);
const windowMs = 250;
/** What a batch may take on its way to a disk that others use, too. */
const writeMs = 2000;

interface Killed {
  readonly at: number;
  /** When each event was recorded, by its number from 1. */
  readonly times: readonly number[];
}

/** A process that records until it is killed, some time after its first event. */
async function recordAndKill(directory: string): Promise<Killed> {
  const script = join(import.meta.dirname, "record-events.mjs");
  const child = spawn(process.execPath, [script, directory, String(windowMs)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  await once(child.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, 1000 + Math.random() * 600));
  child.kill("SIGKILL");
  const at = Date.now();
  await once(child, "close");
  const lines = said.split("\n").slice(0, -1);
  return { at, times: lines.map((line) => Number(line.split(" ")[1])) };
}

/** All rows, the oldest first. */
async function rowsIn(directory: string): Promise<readonly AuditRow[]> {
  const audit = await openAudit({ directory });
  let text = "";
  for await (const piece of audit.export({}, "ndjson")) text += piece;
  await audit.close();
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

test(`${kills} times a process that records is killed: what it recorded before its last window is there, in order, once and whole`, async () => {
  let lost = 0;
  let latestMs = 0;
  for (let round = 0; round < kills; round += 1) {
    const directory = await mkdtemp(join(tmpdir(), "holdfast-audit-kill-"));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const { at, times } = await recordAndKill(directory);
    const rows = await rowsIn(directory);
    // A prefix of what was recorded: nothing is missing in the middle, nothing stands twice.
    expect(rows.map(({ key }) => key)).toEqual(rows.map((_, index) => `key-${index + 1}`));
    const missing = times.slice(rows.length);
    const ageMs = Math.max(0, ...missing.map((time) => at - time));
    expect(ageMs).toBeLessThan(windowMs + writeMs);
    expect(rows.length).toBeGreaterThan(0);
    lost += missing.length;
    latestMs = Math.max(latestMs, ageMs);
    const names = await readdir(directory);
    const files = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
    const lines = files.flatMap((text) => text.split("\n").slice(0, -1));
    expect(lines.every((line) => line.endsWith("}"))).toBe(true);
    expect(rows.length).toBe(lines.length);
  }
  console.log(`${kills} kills, ${lost} events lost, the oldest of them ${latestMs} ms old`);
}, 300_000);
