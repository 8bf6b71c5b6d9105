import { readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import * as v from "valibot";
import { writePrivateFile } from "./private-file.ts";

const schema = v.object({
  endpoint: v.pipe(v.string(), v.url()),
  accessKeyId: v.string(),
  region: v.string(),
  adminEndpoint: v.optional(v.pipe(v.string(), v.url())),
});

/** What a running server leaves in its data directory for the other commands. No secret. */
export type RunningServer = v.InferOutput<typeof schema>;

const connectTimeoutMs = 1000;

function endpointPath(directory: string): string {
  return join(directory, "endpoint.json");
}

/** Says where the server of this data directory can be reached. */
export async function writeEndpoint(directory: string, server: RunningServer): Promise<void> {
  await writePrivateFile(endpointPath(directory), `${JSON.stringify(server)}\n`);
}

/** Takes back what `writeEndpoint` said. */
export async function removeEndpoint(directory: string): Promise<void> {
  await rm(endpointPath(directory), { force: true });
}

/** The server of this data directory, or nothing when none answers: a killed one leaves its file. */
export async function runningServer(directory: string): Promise<RunningServer | undefined> {
  let text: string;
  try {
    text = await readFile(endpointPath(directory), "utf8");
  } catch {
    return undefined;
  }
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  return result.success && (await accepts(new URL(result.output.endpoint)))
    ? result.output
    : undefined;
}

async function accepts({ hostname, port, protocol }: URL): Promise<boolean> {
  const host = hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  const usual = protocol === "https:" ? 443 : 80;
  const socket = connect({ host, port: Number(port === "" ? usual : port) });
  socket.setTimeout(connectTimeoutMs);
  try {
    return await new Promise<boolean>((resolve) => {
      socket.once("connect", () => resolve(true));
      socket.once("timeout", () => resolve(false));
      socket.once("error", () => resolve(false));
    });
  } finally {
    socket.destroy();
  }
}
