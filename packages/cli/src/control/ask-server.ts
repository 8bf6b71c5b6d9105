import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { ScrubReport } from "@holdfast/engine";
import { errorCode } from "../error-code.ts";
import { controlPath } from "./control-path.ts";
import { firstLine, type ControlRequest } from "./protocol.ts";

/** What a running server answered. */
export type ControlAnswer =
  | { readonly report: ScrubReport }
  | { readonly error: { readonly code: string; readonly errno?: string } };

/** Asks the server that runs on a data directory; undefined when none does. */
export async function askServer(
  directory: string,
  request: ControlRequest,
  signal: AbortSignal,
): Promise<ControlAnswer | undefined> {
  const socket = await connected(directory);
  if (socket === undefined) return undefined;
  const stop = (): void => {
    socket.destroy(new Error("stopped"));
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    const line = await firstLine(socket);
    return line === undefined ? { error: { code: "SERVER_LEFT" } } : JSON.parse(line);
  } catch (error) {
    if (errorCode(error) === undefined && !signal.aborted) throw error;
    return { error: { code: signal.aborted ? "STOPPED" : "SERVER_LEFT" } };
  } finally {
    signal.removeEventListener("abort", stop);
    socket.destroy();
  }
}

async function connected(directory: string): Promise<Socket | undefined> {
  const place = await controlPath(directory).catch(() => undefined);
  if (place === undefined) return undefined;
  const socket = connect(place.path);
  try {
    await once(socket, "connect");
    return socket;
  } catch (error) {
    const code = errorCode(error);
    // Nothing there, or what a killed server left.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ECONNREFUSED") return undefined;
    throw error;
  } finally {
    await place.close();
  }
}
