import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const engine = pathToFileURL(join(import.meta.dirname, "../../packages/engine/dist/index.js"));

/** Plain JavaScript over the built engine, for Node.js runs no TypeScript by itself. */
const program = `
import { closeSync, openSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { openEngine } from ${JSON.stringify(engine.href)};
const [directory] = process.argv.slice(1);
const engine = await openEngine({ directory });
await engine.createBucket("b");
const acknowledged = new Map();
const metadata = { system: {}, user: {} };
let next = 0;
const put = async () => {
  const key = "key " + next++;
  const bytes = Buffer.alloc(16_000, key);
  const body = (async function* () { yield bytes; })();
  const input = { bucket: "b", key, body, size: bytes.length, metadata, checksumAlgorithm: "CRC32" };
  const { etag } = await engine.putObject(input);
  acknowledged.set(key, etag);
};
for (let at = 0; at < 100; at += 1) await put();
const taken = [];
try {
  for (;;) taken.push(openSync("/dev/null", "r"));
} catch (error) {
  if (error.code !== "EMFILE") throw error;
}
let refusal;
for (let at = 0; at < 3000 && refusal === undefined; at += 1) {
  await put().catch((error) => { refusal = error.code + " " + error.reason; });
}
const without = engine.health();
const read = await engine.headObject("b", "key 0").then(() => "answered", (error) => error.reason);
for (const file of taken) closeSync(file);
const began = performance.now();
while (!engine.health().writable && performance.now() - began < 20_000) await setTimeout(50);
const { writable } = engine.health();
for (let at = 0; at < 100; at += 1) await put().catch(() => undefined);
const lost = async (opened) => {
  let count = 0;
  for (const [key, etag] of acknowledged) {
    const object = await opened.headObject("b", key).catch(() => undefined);
    if (object?.etag !== etag) count += 1;
  }
  return count;
};
const lostLive = await lost(engine);
await engine.close();
const again = await openEngine({ directory });
const { reason, passing } = without;
console.log(JSON.stringify({
  refusal, reason, passing, read, writable, lostLive,
  acknowledged: acknowledged.size, lost: await lost(again), damaged: (await again.scrub()).damaged,
}));
await again.close();
`;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-descriptors-index-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("an index that runs out of descriptors pauses writing, and is back by itself when there are some", async () => {
  const limited = 'ulimit -n 400; exec "$@"';
  const run = [process.execPath, "--input-type=module", "--eval", program, directory];
  const { stdout } = await promisify(execFile)("bash", ["-c", limited, "bash", ...run]);
  process.stdout.write(stdout);
  expect(JSON.parse(stdout)).toMatchObject({
    refusal: "ServiceUnavailable out_of_descriptors",
    reason: "out_of_descriptors",
    passing: true,
    read: "answered",
    writable: true,
    lostLive: 0,
    lost: 0,
    damaged: 0,
  });
}, 300_000);
