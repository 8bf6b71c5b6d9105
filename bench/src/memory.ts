import { Connection } from "./connection.ts";
import { get, putLarge } from "./rows.ts";
import { peakMib, type Server } from "./servers/server.ts";

/** What many large objects at once cost the gateway. */
export interface Memory {
  readonly peakMib: number;
  readonly barMib: number;
  readonly objectMib: number;
  readonly atOnce: number;
}

const barMib = 300;
const atOnce = 8;

/** Sends and then reads eight objects at once; throws when one does not come back whole. */
export async function measureMemory(server: Server, objectMib: number): Promise<Memory> {
  const paths = Array.from({ length: atOnce }, (_, index) => `/bench/memory/${index}`);
  const each = async (
    work: (connection: Connection, path: string) => Promise<void>,
  ): Promise<void> => {
    await Promise.all(
      paths.map(async (path) => {
        const connection = await Connection.open(server.port);
        await work(connection, path).finally(() => connection.close());
      }),
    );
  };
  await each(async (connection, path) => {
    const { status, head } = await connection.exchange(putLarge(server, path, objectMib));
    if (status !== 200) throw new Error(`the upload was refused:\n${head}`);
  });
  await each(async (connection, path) => {
    const { status, bytes, head } = await connection.exchange(get(server, path));
    if (status !== 200 || bytes !== objectMib * 1024 * 1024) {
      throw new Error(`${bytes} bytes came back after:\n${head}`);
    }
  });
  return { peakMib: await peakMib(server), barMib, objectMib, atOnce };
}
