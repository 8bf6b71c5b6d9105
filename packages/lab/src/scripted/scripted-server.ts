import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { RequestReader, type ReceivedRequest } from "./request-reader.ts";

/** One thing that a scripted server does to the connection that a request came by. */
export type Step =
  | { readonly does: "send"; readonly bytes: string | Buffer }
  /** Sends a piece many times over without holding their sum. */
  | { readonly does: "fill"; readonly piece: Buffer; readonly times: number }
  | { readonly does: "wait"; readonly ms: number }
  /** Nothing more, and the connection stays. */
  | { readonly does: "stall" }
  | { readonly does: "fin" }
  | { readonly does: "reset" };

/** What is done about one request. Without a last `stall`, `fin` or `reset` the connection is kept. */
export interface Reply {
  /** Whether the request's body is read first, with a `100 Continue` for who waits for one. */
  readonly after: "head" | "body";
  readonly steps: readonly Step[];
}

/** A reply, or what makes one of the request. */
export type Scripted = Reply | ((request: ReceivedRequest) => Reply);

/** A queue with a reply for each request in the order of their coming, or one rule for all of them. */
export type Script = readonly Scripted[] | ((request: ReceivedRequest) => Reply);

/** A connection as the server saw it. */
export interface SeenConnection {
  readonly socket: Socket;
  /** Of our replies, handed to the system. */
  bytesSent: number;
  closed: boolean;
}

/** Long enough for a peer on a busy machine to read what it was sent, in milliseconds. */
const readMs = 250;

const unscripted: Reply = {
  after: "head",
  steps: [{ does: "send", bytes: "HTTP/1.1 599 Unscripted\r\nContent-Length: 0\r\n\r\n" }],
};

/** A server on loopback that answers as it is told, byte by byte, and remembers what it was asked. */
export class ScriptedServer {
  readonly requests: ReceivedRequest[] = [];
  readonly connections: SeenConnection[] = [];
  /** How many requests came that the script has no reply for. */
  unscripted = 0;
  readonly #server: Server;
  #script: Script;

  private constructor(server: Server, script: Script) {
    this.#server = server;
    this.#script = script;
    server.on("connection", (socket) => this.#attend(socket));
  }

  static async start(script: Script): Promise<ScriptedServer> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    const scripted = new ScriptedServer(server, script);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return scripted;
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("not listening");
    return address.port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const { socket } of this.connections) socket.destroy();
    await closed;
  }

  #attend(socket: Socket): void {
    const seen: SeenConnection = { socket, bytesSent: 0, closed: false };
    const connection = this.connections.push(seen) - 1;
    let turn = Promise.resolve();
    const answer = (reply: Reply): void => {
      turn = turn.then(() => play(reply.steps, seen));
    };
    const replies = new Map<ReceivedRequest, Reply>();
    const reader = new RequestReader({
      begin: (head) => {
        const request = this.#remember({ ...head, connection });
        const reply = this.#replyTo(request);
        if (reply.after === "head") answer(reply);
        else replies.set(request, reply);
        if (reply.after === "body" && head.headers.get("expect") === "100-continue") {
          socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        }
        return request;
      },
      end: (request) => {
        const reply = replies.get(request);
        if (reply !== undefined) answer(reply);
      },
    });
    socket.on("data", (bytes) => reader.push(bytes));
    socket.on("end", () => socket.end());
    // A peer may break off at any time; that is what these tests are about.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      seen.closed = true;
    });
  }

  #remember(
    head: Pick<ReceivedRequest, "method" | "target" | "headers" | "connection">,
  ): ReceivedRequest {
    const request: ReceivedRequest = {
      ...head,
      index: this.requests.length,
      at: performance.now(),
      bodyBytes: 0,
      bodySha256: "",
      bodyStart: Buffer.alloc(0),
      whole: false,
    };
    this.requests.push(request);
    return request;
  }

  #replyTo(request: ReceivedRequest): Reply {
    const scripted =
      typeof this.#script === "function" ? this.#script : this.#script[request.index];
    if (scripted === undefined) {
      this.unscripted += 1;
      return unscripted;
    }
    return typeof scripted === "function" ? scripted(request) : scripted;
  }
}

async function play(steps: readonly Step[], seen: SeenConnection): Promise<void> {
  for (const step of steps) {
    if (seen.socket.destroyed) return;
    await take(step, seen);
  }
}

async function take(step: Step, seen: SeenConnection): Promise<void> {
  switch (step.does) {
    case "send":
      return send(Buffer.from(step.bytes), seen);
    case "fill":
      for (let sent = 0; sent < step.times && !seen.socket.destroyed; sent++) {
        await send(step.piece, seen);
      }
      return;
    case "wait":
      await wait(step.ms);
      return;
    case "stall":
      await gone(seen.socket);
      return;
    case "fin":
      seen.socket.end();
      return;
    case "reset":
      // A reset that arrives together with the bytes before it looks like a plain end to a reader in Node: libuv takes
      // the hang-up after a short read for one. So these bytes are given time to be read.
      if (seen.bytesSent > 0) await wait(readMs);
      seen.socket.resetAndDestroy();
  }
}

async function send(bytes: Buffer, seen: SeenConnection): Promise<void> {
  const room = seen.socket.write(bytes);
  seen.bytesSent += bytes.length;
  if (!room) await drained(seen.socket);
}

/** Until the system took what was written, or the connection is gone. */
async function drained(socket: Socket): Promise<void> {
  if (socket.destroyed || !socket.writableNeedDrain) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
  });
}

async function gone(socket: Socket): Promise<void> {
  if (!socket.destroyed) await once(socket, "close");
}
