import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Fault } from "@holdfast/store/conformance";

/** A way to a server that breaks when it is told. */
export interface FaultyWire {
  readonly port: number;
  /** Has the next request that it can befall fail so, once. */
  next(fault: Fault): Promise<void>;
  close(): Promise<void>;
}

/** Of an answer that is cut, so many bytes come through. */
const cutBytes = 48 * 1024;

const hangUpMsMax = 500;

/** Listens on the loopback and passes bytes to and fro, unless a fault was asked for. */
export async function startFaultyWire(upstreamPort: number): Promise<FaultyWire> {
  const exchanges = new Set<Exchange>();
  let armed: Fault | undefined;
  const server = createServer((client) => {
    const upstream = connect(upstreamPort, "127.0.0.1");
    const exchange = new Exchange(client, upstream);
    exchanges.add(exchange);
    for (const socket of [client, upstream]) socket.on("error", () => exchange.end());
    client.on("close", () => {
      exchange.end();
      exchanges.delete(exchange);
    });
    client.on("data", (piece) => {
      if (armed === undefined) return exchange.pass(piece);
      if (exchange.suffer(armed, piece)) armed = undefined;
      return undefined;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return {
    port: address.port,
    next: async (fault) => {
      // Where a connection that was used before is gone, a client tries again at once; on a new one it does not.
      if (fault === "reset") {
        const idle = [...exchanges].filter(({ isIdle }) => isIdle);
        await Promise.all(idle.map((exchange) => exchange.hangUp()));
      }
      armed = fault;
    },
    close: async () => {
      for (const exchange of exchanges) exchange.end();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One connection of a client with the one that it leads to. */
class Exchange {
  readonly #client: Socket;
  readonly #upstream: Socket;
  #isIdle = true;
  /** A request that is not passed on, as far as it has come. */
  #kept: string | undefined;

  constructor(client: Socket, upstream: Socket) {
    this.#client = client;
    this.#upstream = upstream;
    upstream.pipe(client);
    upstream.on("data", () => {
      this.#isIdle = true;
    });
  }

  /** Passes a piece of a request on. */
  pass(piece: Buffer): void {
    this.#isIdle = false;
    if (this.#kept !== undefined) this.#keep(piece);
    else if (!this.#upstream.write(piece)) {
      this.#client.pause();
      this.#upstream.once("drain", () => this.#client.resume());
    }
  }

  /** Fails if the fault can befall the request that the piece belongs to; says whether that was all of it. */
  suffer(fault: Fault, piece: Buffer): boolean {
    if (fault === "refused-keys") {
      if (!/^POST \S*\?delete/.test(piece.toString("latin1"))) {
        this.pass(piece);
        return false;
      }
      this.#kept = "";
      this.#keep(piece);
    } else if (fault === "truncated") {
      this.#cut();
      this.pass(piece);
    } else if (fault === "reset") {
      this.#client.resetAndDestroy();
      this.#upstream.destroy();
    } else {
      const isHead = piece.subarray(0, 5).toString() === "HEAD ";
      const { status, code } = answers[fault];
      this.#answer(status, isHead ? "" : `<Error><Code>${code}</Code></Error>`);
    }
    return true;
  }

  /** Whether the last word was the server's. */
  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Ends once the client has noticed. */
  async hangUp(): Promise<void> {
    const signal = AbortSignal.timeout(hangUpMsMax);
    const closed = once(this.#client, "close", { signal }).catch(() => this.end());
    this.#client.end();
    await closed;
  }

  end(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }

  /** Lets the beginning of an answer through, and then nothing. */
  #cut(): void {
    let left = cutBytes;
    this.#upstream.unpipe(this.#client);
    this.#upstream.resume().on("data", (piece: Buffer) => {
      if (left <= 0) return;
      this.#client.write(piece.subarray(0, left));
      left -= piece.byteLength;
      if (left <= 0) this.#client.destroySoon();
    });
  }

  #keep(piece: Buffer): void {
    this.#kept += piece.toString();
    const request = this.#kept ?? "";
    if (!request.includes("</Delete>")) return;
    const errors = [...request.matchAll(/<Key>.*?<\/Key>/gs)].map(
      ([key]) => `<Error>${key}<Code>AccessDenied</Code><Message>No.</Message></Error>`,
    );
    this.#answer("200 OK", `<DeleteResult>${errors.join("")}</DeleteResult>`);
  }

  /** Answers in the place of the server, which hears no more. */
  #answer(status: string, body: string): void {
    this.#upstream.unpipe(this.#client);
    this.#upstream.destroy();
    const head = [
      `HTTP/1.1 ${status}`,
      "content-type: application/xml",
      `content-length: ${Buffer.byteLength(body)}`,
      "connection: close",
    ];
    this.#client.end(`${head.join("\r\n")}\r\n\r\n${body}`);
    this.#kept ??= "";
  }
}

const answers = {
  throttled: { status: "429 Too Many Requests", code: "SlowDown" },
  unavailable: { status: "500 Internal Server Error", code: "InternalError" },
} as const;
