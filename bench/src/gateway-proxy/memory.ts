import { drive } from "../load.ts";
import { peakMib, type Server } from "../servers/server.ts";
import { questions } from "./questions.ts";
import { sizeOf } from "./objects.ts";

/** What many connections at once cost a proxy. */
export interface ProxyMemory {
  readonly connections: number;
  readonly peakMib: number;
  readonly barMib: number;
}

const barMib = 250;

/** Drives every connection with objects of 1 MiB, up and then down, and says what the process came to. */
export async function measureProxyMemory(
  server: Server,
  { connections, durationMs }: { readonly connections: number; readonly durationMs: number },
): Promise<ProxyMemory> {
  for (const [id, bytes] of [
    ["put-1m", 0],
    ["get-1m", sizeOf("1m")],
  ] as const) {
    const exchanges = questions.find((one) => one.id === id)?.exchanges(server) ?? [];
    const expected = { status: 200, bytes };
    await drive(server.port, { connections, durationMs, exchanges, expected });
  }
  return { connections, peakMib: await peakMib(server), barMib };
}
