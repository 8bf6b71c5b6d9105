import { createServer, type RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import type { AddressInfo } from "node:net";

/** A request as the service saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What to answer; `hang` never does, `reset` cuts the connection, `head` begins and stops, `huge` never ends. */
export type Reply =
  | { readonly status?: number; readonly body?: string; readonly location?: string }
  | "hang"
  | "head"
  | "huge"
  | "no HTTP"
  | "reset"
  | "switch";

/** A service on the loopback interface that answers by a script. */
export interface ScriptedService {
  readonly port: number;
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  close(): Promise<void>;
}

/** The listener of such a service, for servers of another kind. */
export function scriptedListener(
  script: (request: SeenRequest, count: number) => Reply,
  seen: SeenRequest[],
): RequestListener {
  return (request, response) => {
    const answer = async (): Promise<void> => {
      const { method = "", url = "", headers } = request;
      const saw = { method, path: url, headers, body: await text(request) };
      seen.push(saw);
      const reply = script(saw, seen.length);
      if (reply === "hang") return;
      if (reply === "reset") return void request.socket.resetAndDestroy();
      if (reply === "no HTTP") return void request.socket.end("s3cr3t\r\n\r\n");
      if (reply === "switch") {
        return void request.socket.end("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n");
      }
      if (reply === "head") return void response.writeHead(200).write("{");
      if (reply === "huge") {
        const more = (): void => {
          while (!response.destroyed && response.write("x".repeat(16_384)));
        };
        response.on("drain", more).on("error", () => undefined);
        return more();
      }
      const { status = 200, body = "", location } = reply;
      response.writeHead(status, location === undefined ? {} : { location }).end(body);
    };
    answer().catch(() => response.destroy());
  };
}

/** Starts one on a free port. */
export async function scriptedService(
  script: (request: SeenRequest, count: number) => Reply,
): Promise<ScriptedService> {
  const seen: SeenRequest[] = [];
  const server = createServer(scriptedListener(script, seen));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const { port } = address;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => void server.close(resolve));
  };
  return { port, url: `http://127.0.0.1:${port}`, seen, close };
}
