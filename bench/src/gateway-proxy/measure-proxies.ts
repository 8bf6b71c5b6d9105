import { Connection } from "../connection.ts";
import { drive } from "../load.ts";
import { cpuMs, type Server } from "../servers/server.ts";
import { median } from "../statistics.ts";
import type { Question } from "./questions.ts";

/** What stands before one upstream, and what is asked of it. */
export interface Asked {
  readonly question: Question;
  readonly connections: number;
  /** The upstream itself, then what stands before it. */
  readonly servers: readonly Server[];
}

/** One server's part of one round. */
export interface ProxyRun {
  readonly done: number;
  readonly perSecond: number;
  /** Of the server's own process and all its threads. */
  readonly cpuMs: number;
  readonly p50Ms: number;
}

/** All rounds of one question over one number of connections. */
export interface ProxyMeasured {
  readonly question: Question;
  readonly connections: number;
  /** Rounds by server: the same index is the same round. */
  readonly runs: ReadonlyMap<string, readonly ProxyRun[]>;
}

export interface ProxyEffort {
  readonly rounds: number;
  readonly durationMs: number;
}

async function expectedOf(
  server: Server,
  question: Question,
): Promise<{ status: number; bytes: number }> {
  const connection = await Connection.open(server.port);
  try {
    const [exchange] = question.exchanges(server);
    if (exchange === undefined) throw new Error("a question needs an exchange");
    const { status, bytes, head } = await connection.exchange(exchange);
    const right = question.statuses.includes(status) && (question.answerBytes ?? bytes) === bytes;
    if (!right) throw new Error(`${server.name}, ${question.asks}: ${bytes} bytes after\n${head}`);
    return { status, bytes };
  } finally {
    connection.close();
  }
}

async function runOnce(server: Server, asked: Asked, durationMs: number): Promise<ProxyRun> {
  const { question, connections } = asked;
  const expected = await expectedOf(server, question);
  const took: number[] = [];
  const before = await cpuMs(server);
  const { done, elapsedMs } = await drive(server.port, {
    connections,
    durationMs,
    exchanges: question.exchanges(server),
    expected,
    took: (ms) => void took.push(ms),
  });
  const spent = (await cpuMs(server)) - before;
  return { done, perSecond: (done / elapsedMs) * 1000, cpuMs: spent, p50Ms: median(took) };
}

/** Asks every server in turn, round by round, after one round that does not count. */
export async function measureProxies(
  asked: Asked,
  { rounds, durationMs }: ProxyEffort,
): Promise<ProxyMeasured> {
  const { servers, question, connections } = asked;
  const runs = new Map<string, ProxyRun[]>(servers.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const server of servers) {
      const run = await runOnce(server, asked, durationMs);
      if (round > 0) runs.get(server.name)?.push(run);
    }
  }
  return { question, connections, runs };
}
