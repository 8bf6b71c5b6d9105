import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { TransportRequest } from "./transport.ts";

/** Told of each connection, and of what comes over it. */
export interface RawHandler {
  /** A request's head came whole; bodies are left to whoever wants them. */
  onHead?(socket: Socket, head: string): void;
  onData?(socket: Socket, bytes: Buffer): void;
  onConnection?(socket: Socket): void;
}

/** A server that says whatever bytes it is told to. */
export class RawServer {
  readonly sockets = new Set<Socket>();
  readonly #server: Server;
  /** How many connections were ever made. */
  accepted = 0;

  static async start(handler: RawHandler): Promise<RawServer> {
    const server = createServer({ allowHalfOpen: true });
    const raw = new RawServer(server);
    server.on("connection", (socket) => raw.#accept(socket, handler));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return raw;
  }

  constructor(server: Server) {
    this.#server = server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("not listening");
    return address.port;
  }

  /** A request to it, by the name of what it is for. */
  request(target: string, parts: Partial<TransportRequest> = {}): TransportRequest {
    const { body } = parts;
    const length = body instanceof Uint8Array ? { "content-length": String(body.length) } : {};
    return {
      secure: false,
      hostname: "127.0.0.1",
      port: this.port,
      method: "GET",
      target,
      headers: { host: "raw", ...length },
      body: undefined,
      timeouts: { connectMs: 5_000, headersMs: 5_000, idleMs: 5_000 },
      signal: undefined,
      ...parts,
    };
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
  }

  #accept(socket: Socket, handler: RawHandler): void {
    this.accepted += 1;
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => undefined);
    socket.on("end", () => socket.end());
    let text = "";
    socket.on("data", (bytes) => {
      handler.onData?.(socket, bytes);
      text += bytes.toString("latin1");
      for (let end = text.indexOf("\r\n\r\n"); end !== -1; end = text.indexOf("\r\n\r\n")) {
        const head = text.slice(0, end + 4);
        const [, length = "0"] = /content-length: (\d+)/.exec(head) ?? [];
        if (text.length < head.length + Number(length)) break;
        text = text.slice(head.length + Number(length));
        handler.onHead?.(socket, head);
      }
    });
    handler.onConnection?.(socket);
  }
}
