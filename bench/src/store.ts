import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Contender } from "./client/contender.ts";
import { installPeers } from "./client/peers.ts";
import { ask, type Effort, type Row } from "./client/rounds.ts";
import { launch } from "./servers/server.ts";
import { Directories } from "./store/directories.ts";
import { listings, type Listing } from "./store/listings.ts";
import {
  localQuestions,
  overheadQuestions,
  s3Questions,
  type StoreQuestion,
} from "./store/questions.ts";
import { allMet, report, type Part } from "./store/report.ts";
import { client, holdfast, nodeFs, peers, type MeasuredStore } from "./store/stores.ts";
import { commonPlace, type StorePlace } from "./store/subject.ts";

const page = new URL("../../docs/reference/store-bench.md", import.meta.url);
const driver = fileURLToPath(new URL("./store/driver.js", import.meta.url));
const isSabotaged = process.env["HOLDFAST_BENCH_SABOTAGE"] === "flydrive";
const partNames = ["overhead", "listing", "s3", "local"] as const;

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    /** Parts of the page; all of them when absent. */
    only: { type: "string", multiple: true },
  },
});

const unknown = options.only?.find((one) => !partNames.some((name) => name === one));
if (unknown !== undefined) {
  process.stderr.write(
    `There is no part '${unknown}': --only takes one of ${partNames.join(", ")}.\n`,
  );
  process.exit(2);
}

const problem = installPeers();
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

const effort: Effort = options.short
  ? { rounds: 3, warmUps: 2, durationMs: 150 }
  : { rounds: 5, warmUps: 2, durationMs: 400 };
const overheadEffort: Effort = options.short
  ? { rounds: 5, warmUps: 3, durationMs: 250 }
  : { rounds: 15, warmUps: 4, durationMs: 400 };
const files = options.short ? 20_000 : 100_000;
const listingRounds = options.short ? 1 : 3;

const isAsked = (part: (typeof partNames)[number]): boolean => options.only?.includes(part) ?? true;

using directories = new Directories();
const server = await launch({
  name: "server",
  credential: { accessKeyId: "BENCH", secretAccessKey: "BENCH" },
  args: [fileURLToPath(new URL("./store/server.js", import.meta.url))],
  port: Number,
});
const endpoint = `http://127.0.0.1:${server.port}`;
const own = holdfast(isSabotaged);

function placeOn(backend: "local" | "s3", { name }: MeasuredStore): StorePlace {
  const directory = backend === "local" ? directories.of(name) : "";
  return { ...commonPlace, backend, endpoint, directory };
}

/** Asks the stores in turn, each in a process of its own. */
async function rowsOf(
  questions: readonly StoreQuestion[],
  places: ReadonlyMap<MeasuredStore, StorePlace>,
  how: Effort,
): Promise<readonly Row[]> {
  const contenders: Contender[] = [];
  try {
    for (const [{ name, file }, place] of places) {
      const contender = new Contender(name);
      contenders.push(contender);
      await contender.start(driver, [file, JSON.stringify(place)]);
    }
    const rows: Row[] = [];
    for (const question of questions) rows.push(...(await ask(question, contenders, how)));
    return rows;
  } finally {
    for (const contender of contenders) await contender.stop();
  }
}

async function requests(): Promise<number> {
  return Number(await (await fetch(`${endpoint}/requests`)).text());
}

function placesOn(
  backend: "local" | "s3",
  stores: readonly MeasuredStore[],
): ReadonlyMap<MeasuredStore, StorePlace> {
  return new Map(stores.map((store) => [store, placeOn(backend, store)]));
}

try {
  const parts: Part[] = [];
  const listed: Listing[] = [];
  const warmUpFiles = 10_000;
  if (isAsked("overhead")) {
    const rows = await rowsOf(overheadQuestions, placesOn("s3", [own, client]), overheadEffort);
    parts.push({ kind: "overhead", questions: overheadQuestions, rows, base: client.name });
  }
  if (isAsked("listing") || isAsked("local")) directories.fill(warmUpFiles);
  if (isAsked("listing")) {
    const order = { files, warmUpFiles, rounds: listingRounds };
    const ofS3 = placesOn("s3", [own, client]);
    listed.push(...(await listings("s3", ofS3, { ...order, requests })));
    directories.fill(files);
    listed.push(...(await listings("local", placesOn("local", [own, nodeFs]), order)));
  }
  if (isAsked("s3")) {
    const rows = await rowsOf(s3Questions, placesOn("s3", [own, ...peers]), effort);
    parts.push({ kind: "s3", questions: s3Questions, rows });
  }
  if (isAsked("local")) {
    const places = placesOn("local", [own, nodeFs, ...peers]);
    const rows = await rowsOf(localQuestions, places, effort);
    parts.push({ kind: "local", questions: localQuestions, rows, base: nodeFs.name });
  }
  const text = report(parts, listed);
  process.stdout.write(text);
  const isWhole = !options.short && options.only === undefined && !isSabotaged;
  if (isWhole) await writeFile(page, text);
  if (!allMet(parts, listed)) process.exitCode = 1;
} finally {
  await server.stop();
}
