import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { answer, growthMib, type Answered } from "./listing/ask.ts";
import { openBucket, type Filled } from "./listing/bucket.ts";
import { keysAnywhere, questions } from "./listing/questions.ts";
import { allMet, report, type Run } from "./listing/report.ts";

const page = new URL("../../docs/reference/listing.md", import.meta.url);
const sabotaged = process.env["HOLDFAST_BENCH_SABOTAGE"] === "scan";

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    // Buckets are kept here, to be asked again.
    data: { type: "string" },
  },
});

const scale = options.short
  ? { smallKeys: 20_000, largeKeys: 100_000, pages: 20 }
  : { smallKeys: 10_000, largeKeys: 1_000_000, pages: 100 };
const memoryPages = 100;

async function run(buckets: readonly [Filled, Filled]): Promise<Run> {
  const answers: Answered[] = [];
  for (const question of questions(sabotaged)) {
    answers.push(await answer(question, buckets, scale.pages));
  }
  const [smallMib, largeMib] = [
    await growthMib(keysAnywhere, buckets[0], memoryPages),
    await growthMib(keysAnywhere, buckets[1], memoryPages),
  ];
  return { ...scale, answers, memory: { pages: memoryPages, smallMib, largeMib } };
}

async function open(root: string, keys: number): Promise<Filled> {
  const directory = join(root, String(keys));
  await mkdir(directory, { recursive: true });
  return openBucket(directory, keys);
}

const root = options.data ?? (await mkdtemp(join(tmpdir(), "holdfast-listing-")));
const opened: Filled[] = [];
try {
  const small = await open(root, scale.smallKeys);
  opened.push(small);
  const large = await open(root, scale.largeKeys);
  opened.push(large);
  const result = await run([small, large]);
  const text = report(result);
  process.stdout.write(text);
  if (!options.short && !sabotaged) await writeFile(page, text);
  // Times say nothing on a busy machine; the short form is to show that it runs.
  if (!options.short && !allMet(result)) process.exitCode = 1;
} finally {
  for (const { engine } of opened) await engine.close();
  if (options.data === undefined) await rm(root, { recursive: true, force: true });
}
