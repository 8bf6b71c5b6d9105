import { drive } from "./load.ts";
import { sample } from "./prepare.ts";
import type { Row } from "./rows.ts";
import { cpuMs, type Server } from "./servers/server.ts";

/** One server's part of one round. */
export interface Run {
  readonly perSecond: number;
  readonly serverCpuMs: number;
  readonly clientCpuMs: number;
  readonly done: number;
}

export interface Measured {
  readonly row: Row;
  /** Rounds by server, in the order they were run: the same index is the same round. */
  readonly runs: ReadonlyMap<string, readonly Run[]>;
}

export interface Effort {
  readonly rounds: number;
  readonly durationMs: number;
}

async function runOnce(server: Server, row: Row, durationMs: number): Promise<Run> {
  const { status, bytes } = await sample(server, row);
  const before = await cpuMs(server);
  const { done, elapsedMs, clientCpuMs } = await drive(server.port, {
    connections: row.connections,
    durationMs,
    exchanges: row.exchanges(server),
    expected: { status, bytes },
  });
  const serverCpuMs = (await cpuMs(server)) - before;
  return { perSecond: (done / elapsedMs) * 1000, serverCpuMs, clientCpuMs, done };
}

/** Asks every server in turn, round by round, after one round that does not count. */
export async function measure(
  servers: readonly Server[],
  row: Row,
  { rounds, durationMs }: Effort,
): Promise<Measured> {
  const runs = new Map<string, Run[]>(servers.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const server of servers) {
      const run = await runOnce(server, row, durationMs);
      if (round > 0) runs.get(server.name)?.push(run);
    }
  }
  return { row, runs };
}
