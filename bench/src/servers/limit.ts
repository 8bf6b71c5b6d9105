import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { launch, type Server } from "./server.ts";

/** What the bare server answers to one method and target. */
export interface Reply {
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  /** Base64; repeated `times`. */
  readonly body: string;
  readonly times: number;
}

const bin = fileURLToPath(new URL("./bare.js", import.meta.url));

/** What Node itself can do: `node:http` and nothing else, answering bytes it was given. */
export async function startLimit(directory: string, replies: readonly Reply[]): Promise<Server> {
  const file = join(directory, "replies.json");
  await writeFile(file, JSON.stringify(replies));
  return launch({
    name: "limit",
    credential: { accessKeyId: "LIMIT", secretAccessKey: "LIMIT" },
    args: [bin, file],
    port: Number,
  });
}
