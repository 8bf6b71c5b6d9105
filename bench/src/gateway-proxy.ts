import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fill } from "./gateway-proxy/fill.ts";
import { startHoldfastProxy } from "./gateway-proxy/holdfast-proxy.ts";
import {
  measureProxies,
  type ProxyEffort,
  type ProxyMeasured,
} from "./gateway-proxy/measure-proxies.ts";
import { measureProxyMemory, type ProxyMemory } from "./gateway-proxy/memory.ts";
import { installNginx, startNginx } from "./gateway-proxy/nginx.ts";
import { questions, type Question } from "./gateway-proxy/questions.ts";
import { allMet, report } from "./gateway-proxy/report.ts";
import { startBare } from "./gateway-proxy/start-bare.ts";
import { startStub } from "./gateway-proxy/start-stub.ts";
import { startHoldfast } from "./servers/holdfast.ts";
import { sabotaged } from "./servers/sabotage.ts";
import type { Server } from "./servers/server.ts";

const page = new URL("../../docs/reference/proxy-bench.md", import.meta.url);
const sabotage = process.env["HOLDFAST_BENCH_SABOTAGE"] === "proxy";

const { values: options } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    profile: { type: "string" },
  },
});

const known = [...questions.map(({ id }) => id), "latency", "memory"];
for (const id of options.only ?? []) {
  if (known.includes(id)) continue;
  process.stderr.write(`There is no row '${id}': --only takes one of ${known.join(", ")}.\n`);
  process.exit(2);
}

const missing = installNginx();
if (missing !== undefined) {
  process.stderr.write(`${missing}\n`);
  process.exit(2);
}

const isChosen = (id: string): boolean => options.only?.includes(id) ?? true;
const durationMs = options.short ? 250 : 500;
const rounds = options.short ? 3 : 5;
const warmUpMs = options.short ? 500 : 3000;
const root = await mkdtemp(join(tmpdir(), "holdfast-proxy-bench-"));
const started: Server[] = [];

async function start(server: Promise<Server>): Promise<Server> {
  const running = await server;
  started.push(running);
  return running;
}

/** What stands before an upstream; the first is the upstream itself. */
async function startAll(upstream: Server, name: string): Promise<readonly Server[]> {
  const nginx = await start(startNginx(join(root, `nginx-${name}`), upstream));
  return [{ ...upstream, name: "direct" }, nginx, await startSubject(upstream, name)];
}

function startSubject(upstream: Server, name: string): Promise<Server> {
  const { profile } = options;
  const subject = startHoldfastProxy({ directory: join(root, `proxy-${name}`), upstream, profile });
  return start(sabotage ? subject.then(sabotaged) : subject);
}

/** What is compiled as it runs is not measured before it was. */
async function warmUp(servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    for (const question of questions.filter(({ id }) => id.endsWith("1k"))) {
      const one = { question, connections: 16, servers: [server] };
      await measureProxies(one, { rounds: 0, durationMs: warmUpMs });
    }
  }
}

/** A round of 64 MiB takes as long as several others, and a minute where they are really stored. */
function effortOf({ id }: Question, isStored: boolean): ProxyEffort {
  if (!id.endsWith("64m")) return { rounds, durationMs };
  return { rounds: isStored ? 1 : Math.ceil(rounds / 4), durationMs };
}

async function ask(
  servers: readonly Server[],
  chosen: readonly Question[],
  { connections, isStored = false }: { connections: readonly number[]; isStored?: boolean },
): Promise<readonly ProxyMeasured[]> {
  const all: ProxyMeasured[] = [];
  for (const question of chosen.filter(({ id }) => isChosen(id))) {
    for (const count of connections) {
      // One request each would be 16 GiB.
      if (count > 16 && question.id.endsWith("64m")) continue;
      const effort = effortOf(question, isStored);
      all.push(await measureProxies({ question, connections: count, servers }, effort));
    }
  }
  return all;
}

async function latencies(servers: readonly Server[]): Promise<readonly ProxyMeasured[]> {
  const all: ProxyMeasured[] = [];
  if (!isChosen("latency")) return all;
  for (const question of questions.filter(({ id }) => id.endsWith("1k"))) {
    for (const connections of [1, 16]) {
      all.push(await measureProxies({ question, connections, servers }, { rounds, durationMs }));
    }
  }
  return all;
}

async function memory(upstream: Server): Promise<ProxyMemory | undefined> {
  if (!isChosen("memory")) return undefined;
  const fresh = await startSubject(upstream, "memory");
  return measureProxyMemory(fresh, { connections: 256, durationMs: options.short ? 2000 : 20_000 });
}

try {
  const stub = await start(startStub());
  const [direct, ...proxies] = await startAll(stub, "stub");
  if (direct === undefined) throw new Error("there is no upstream");
  const bare = [
    await start(startBare("bare sockets", stub)),
    await start(startBare("plain Node", stub)),
  ];
  const before = [direct, ...bare, ...proxies];
  await warmUp(before);
  const measured = new Map([
    [
      "an upstream that answers from memory",
      await ask(before, questions, { connections: [16, 256] }),
    ],
  ]);
  const holdfast = await start(startHoldfast({ directory: join(root, "upstream") }));
  const objectQuestions = questions.filter(({ moved }) => moved !== undefined);
  if (objectQuestions.some(({ id }) => isChosen(id))) {
    await fill(holdfast);
    const other = await startAll(holdfast, "holdfast");
    await warmUp(other);
    measured.set(
      "another Holdfast",
      await ask(other, objectQuestions, { connections: [16], isStored: true }),
    );
  }
  const findings = { measured, latencies: await latencies(before), memory: await memory(stub) };
  const text = report(findings);
  process.stdout.write(text);
  const whole = !options.short && options.only === undefined && !sabotage;
  if (whole) await writeFile(page, text);
  if (!allMet(findings)) process.exitCode = 1;
} finally {
  for (const server of started) await server.stop();
  await rm(root, { recursive: true, force: true });
}
