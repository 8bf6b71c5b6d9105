import { Connection, type Exchange } from "./connection.ts";

export interface Load {
  readonly connections: number;
  readonly durationMs: number;
  /** Sent in turn, over and over. */
  readonly exchanges: readonly Exchange[];
  readonly expected: { readonly status: number; readonly bytes: number };
  /** Is told how long each exchange took. */
  readonly took?: (ms: number) => void;
}

export interface Outcome {
  readonly done: number;
  readonly elapsedMs: number;
  /** Processor time of this process. */
  readonly clientCpuMs: number;
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Drives a server for a while; the first answer that is not the expected one ends it all. */
export async function drive(port: number, load: Load): Promise<Outcome> {
  const { exchanges, expected, took } = load;
  const connections = await Promise.all(
    Array.from({ length: load.connections }, async () => Connection.open(port)),
  );
  let done = 0;
  let next = 0;
  const cpuBefore = cpuMs();
  const start = performance.now();
  const work = async (connection: Connection): Promise<void> => {
    do {
      const exchange = exchanges[next++ % exchanges.length];
      if (exchange === undefined) throw new Error("a load needs an exchange");
      const asked = performance.now();
      const { status, bytes, head } = await connection.exchange(exchange);
      took?.(performance.now() - asked);
      if (status !== expected.status || bytes !== expected.bytes) {
        const wanted = `${expected.status} and ${expected.bytes} bytes`;
        throw new Error(`expected ${wanted}, got ${bytes} bytes after:\n${head}`);
      }
      done++;
    } while (performance.now() - start < load.durationMs);
  };
  try {
    await Promise.all(connections.map(work));
  } finally {
    for (const connection of connections) connection.close();
  }
  return { done, elapsedMs: performance.now() - start, clientCpuMs: cpuMs() - cpuBefore };
}
