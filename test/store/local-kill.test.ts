import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LocalDriver, Store } from "@holdfast/store";

const kills = Number(process.env["HOLDFAST_STORE_KILLS"] ?? 15);

/** Overwrites in a process of its own until it is killed; returns the last write that was acknowledged. */
async function killedWriter(root: string, first: number): Promise<number> {
  const script = join(import.meta.dirname, "overwrite.mjs");
  const child = spawn(process.execPath, [script, root, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  await once(child.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
  child.kill("SIGKILL");
  await once(child, "close");
  return Number(said.trimEnd().split("\n").at(-1));
}

test(`${kills} times a process that overwrites a file is killed: the file is whole, the last acknowledged or the one after`, async () => {
  const root = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const store = Store.over(new LocalDriver({ root }));
  let unacknowledged = 0;
  for (let round = 0, first = 1; round < kills; round += 1) {
    const acknowledged = await killedWriter(root, first);
    const bytes = await store.readBytes("d/f");
    const stored = bytes.byteLength - 2 ** 20;
    expect([acknowledged, acknowledged + 1]).toContain(stored);
    expect(bytes.every((byte) => byte === stored % 251)).toBe(true);
    const listed: string[] = [];
    for await (const { path } of store.listFiles("", { recursive: true })) listed.push(path);
    expect(listed).toEqual(["d/f"]);
    unacknowledged += stored - acknowledged;
    first = stored + 1;
  }
  console.log(`${kills} kills, ${unacknowledged} of them between a write and its acknowledgement`);
}, 300_000);
