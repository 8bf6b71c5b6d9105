import { Connection } from "../connection.ts";
import type { Server } from "../servers/server.ts";
import { questions } from "./questions.ts";

/** Stores what the questions read, at an upstream that really stores. */
export async function fill(server: Server): Promise<void> {
  const connection = await Connection.open(server.port);
  try {
    for (const question of questions) {
      if (!question.id.startsWith("put-")) continue;
      for (const exchange of question.exchanges(server)) {
        const { status, head } = await connection.exchange(exchange);
        if (status !== 200) throw new Error(`${server.name} refused to store:\n${head}`);
      }
    }
  } finally {
    connection.close();
  }
}
