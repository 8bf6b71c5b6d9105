import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { clientsOf } from "./client/clients.ts";
import { Contender } from "./client/contender.ts";
import { installPeers } from "./client/peers.ts";
import { questions } from "./client/questions.ts";
import { allMet, report } from "./client/report.ts";
import { ask, type Effort, type Row } from "./client/rounds.ts";
import { sizes } from "./client/sizes.ts";
import { launch } from "./servers/server.ts";

const driver = fileURLToPath(new URL("./client/driver.js", import.meta.url));
const page = new URL("../../docs/reference/client-bench.md", import.meta.url);
const isSabotaged = process.env["HOLDFAST_BENCH_SABOTAGE"] === "sdk";

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    /** Actions to ask for, or `sizes`; all of them when absent. */
    only: { type: "string", multiple: true },
  },
});

const known = [...questions.map(({ order }) => order.action), "sizes"];
const unknown = options.only?.find((one) => !known.some((id) => id === one));
if (unknown !== undefined) {
  process.stderr.write(`There is no row '${unknown}': --only takes one of ${known.join(", ")}.\n`);
  process.exit(2);
}

const problem = installPeers();
if (problem !== undefined) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

const effort: Effort = options.short
  ? { rounds: 3, warmUps: 3, durationMs: 250 }
  : { rounds: 9, warmUps: 4, durationMs: 600 };

const isAsked = (id: string): boolean => options.only?.includes(id) ?? true;

const server = await launch({
  name: "server",
  credential: { accessKeyId: "BENCH", secretAccessKey: "BENCH" },
  args: [fileURLToPath(new URL("./client/server.js", import.meta.url))],
  port: Number,
});
const contenders: Contender[] = [];
try {
  const clients = clientsOf(isSabotaged);
  for (const client of clients) {
    const contender = new Contender(client.name);
    contenders.push(contender);
    await contender.start(driver, [client.file, `http://127.0.0.1:${server.port}`]);
  }
  const rows: Row[] = [];
  for (const question of questions) {
    if (isAsked(question.order.action)) rows.push(...(await ask(question, contenders, effort)));
  }
  if (isAsked("sizes")) rows.push(...(await sizes(clients, effort.rounds)));
  const text = report(rows, "Clients side by side");
  process.stdout.write(text);
  const isWhole = !options.short && options.only === undefined && !isSabotaged;
  if (isWhole) await writeFile(page, text);
  if (!allMet(rows)) process.exitCode = 1;
} finally {
  for (const contender of contenders) await contender.stop();
  await server.stop();
}
