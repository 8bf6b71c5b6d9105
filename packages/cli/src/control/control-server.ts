import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import type { MaintenanceTasks, ScrubReport } from "@holdfast/engine";
import { S3Error } from "@holdfast/protocol";
import * as v from "valibot";
import { errorCode } from "../error-code.ts";
import { backUp } from "./back-up.ts";
import { controlPath } from "./control-path.ts";
import { firstLine, requestSchema, type ControlRequest } from "./protocol.ts";

/** The open end of a control socket. */
export interface ControlServer {
  close(): Promise<void>;
}

/**
 * Takes requests of the same user on a socket in the data directory, mode 0600. A task ends when
 * whoever asked for it goes away.
 */
export async function startControl(
  directory: string,
  tasks: MaintenanceTasks,
): Promise<ControlServer> {
  const { path, file, close } = await controlPath(directory);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // Whoever left is seen by its close.
    socket.on("error", () => undefined);
    void answer(socket, tasks, directory);
  });
  // What is there is a killed server's: the directory is ours alone.
  await rm(file, { force: true });
  const mask = process.umask(0o177);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await once(server, "listening");
  return {
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      await close();
      await rm(file, { force: true });
    },
  };
}

async function answer(socket: Socket, tasks: MaintenanceTasks, directory: string): Promise<void> {
  const left = new AbortController();
  socket.on("close", () => left.abort());
  const line = await firstLine(socket.iterator({ destroyOnReturn: false })).catch(() => undefined);
  const request = v.safeParse(v.pipe(v.string(), v.parseJson(), requestSchema), line);
  if (!request.success) {
    socket.end('{"error":{"code":"BAD_REQUEST"}}\n');
    return;
  }
  // Read on, so that the other end's going away is seen.
  socket.resume();
  try {
    const report = await run(request.output, { tasks, directory, signal: left.signal });
    socket.end(`${JSON.stringify({ report })}\n`);
  } catch (error) {
    const code = (S3Error.is(error) ? error.reason : undefined) ?? "FAILED";
    socket.end(`${JSON.stringify({ error: { code, errno: errorCode(error) } })}\n`);
  }
}

function run(
  request: ControlRequest,
  on: {
    readonly tasks: MaintenanceTasks;
    readonly directory: string;
    readonly signal: AbortSignal;
  },
): Promise<ScrubReport> {
  const { tasks, signal } = on;
  switch (request.command) {
    case "scrub": {
      const { bytesPerSecond } = request;
      return tasks.scrub({ signal, ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }) });
    }
    case "backup":
      return backUp({ ...on, to: request.to });
  }
}
