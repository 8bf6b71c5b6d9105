import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openChain } from "./engine-put/chain.ts";
import type { Contender } from "./engine-put/contender.ts";
import { openHoldfast, openSabotaged } from "./engine-put/engine.ts";
import { openLog, openZeroedLog } from "./engine-put/log.ts";
import { allMet, report } from "./engine-put/report.ts";
import { questions } from "./engine-put/questions.ts";
import { askInTurn, type Effort } from "./engine-put/rounds.ts";

const page = new URL("../../docs/reference/engine-speed.md", import.meta.url);
const isSabotaged = process.env["HOLDFAST_BENCH_SABOTAGE"] === "sync";

const { values: options } = parseArgs({
  options: {
    /** A directory on the disk to be measured; that of temporary files when absent. */
    directory: { type: "string", default: tmpdir() },
    short: { type: "boolean", default: false },
  },
});

const effort: Effort = options.short
  ? { rounds: 5, durationMs: 150 }
  : { rounds: 31, durationMs: 150 };

const open = isSabotaged ? openSabotaged : openHoldfast;
const root = await mkdtemp(join(options.directory, "holdfast-engine-put-"));
const opened: Contender[] = [];
try {
  for (const opening of [
    open(join(root, "engine")),
    openChain(join(root, "chain")),
    openLog(join(root, "log")),
    openZeroedLog(join(root, "zeroed-log")),
  ]) {
    opened.push(await opening);
  }
  const answers = await askInTurn(opened, questions, effort);
  const text = report(answers);
  process.stdout.write(text);
  if (!options.short && !isSabotaged) await writeFile(page, text);
  if (!allMet(answers)) process.exitCode = 1;
} finally {
  for (const contender of opened) await contender.close();
  await rm(root, { recursive: true, force: true });
}
