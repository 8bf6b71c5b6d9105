import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A request as bytes, ready to send as often as wanted. */
export interface Exchange {
  readonly head: Buffer;
  /** The body: one block, sent `count` times, so that no client ever holds a large one. */
  readonly body?: { readonly block: Buffer; readonly count: number };
  /** A response to HEAD states a length and has no bytes. */
  readonly bodiless: boolean;
  /** Keep the response's body instead of counting it. */
  readonly keep?: boolean;
}

export interface Answer {
  readonly status: number;
  /** Status line and headers as they came. */
  readonly head: string;
  readonly bytes: number;
  readonly body: Buffer;
}

interface Reading {
  status: number;
  head: string;
  /** Bytes of body to come, or undefined for a chunked one. */
  length: number | undefined;
  bytes: number;
}

const chunkedEnd = Buffer.from("\r\n0\r\n\r\n");

function readHead(head: string, bodiless: boolean): Reading {
  const status = Number(head.slice(9, 12));
  const chunked = /\r\ntransfer-encoding: *chunked/i.test(head);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
  const empty = bodiless || status === 204 || status === 304;
  return { status, head, length: empty ? 0 : chunked ? undefined : length, bytes: 0 };
}

/** One keep-alive connection with one exchange at a time, cheap enough to outrun a server. */
export class Connection {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  #reading: Reading | undefined;
  #kept: Buffer[] = [];
  #exchange: Exchange | undefined;
  #settle: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;

  private constructor(port: number) {
    const buffer = Buffer.allocUnsafe(256 * 1024);
    const callback = (size: number, bytes: Uint8Array): boolean => {
      this.#receive(Buffer.from(bytes.buffer, bytes.byteOffset, size));
      return true;
    };
    this.#socket = connect({
      host: "127.0.0.1",
      port,
      noDelay: true,
      onread: { buffer, callback },
    });
    this.#socket.on("error", (error) => this.#settle?.reject(error));
    this.#socket.on("close", () => this.#settle?.reject(new Error("the server hung up")));
  }

  static async open(port: number): Promise<Connection> {
    const connection = new Connection(port);
    await once(connection.#socket, "connect");
    return connection;
  }

  /** Rejects when the connection breaks before the whole answer is there. */
  async exchange(exchange: Exchange): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#exchange = exchange;
    this.#kept = [];
    if (exchange.body === undefined) {
      this.#socket.write(exchange.head);
      return answer;
    }
    // A server that hangs up leaves the sending for ever unfinished: the first failure counts.
    const [whole] = await Promise.all([answer, this.#send(exchange.head, exchange.body)]);
    return whole;
  }

  close(): void {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  async #send(head: Buffer, { block, count }: { block: Buffer; count: number }): Promise<void> {
    this.#socket.cork();
    this.#socket.write(head);
    for (let sent = 0; sent < count; sent++) {
      const flowing = this.#socket.write(block);
      if (sent === 0) this.#socket.uncork();
      if (!flowing && sent + 1 < count) await once(this.#socket, "drain");
    }
  }

  #receive(bytes: Buffer): void {
    if (this.#reading !== undefined) return this.#count(this.#reading, bytes);
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const end = all.indexOf("\r\n\r\n");
    if (end === -1) {
      // The socket's buffer is used again for the next bytes.
      this.#rest = Buffer.from(all);
      return;
    }
    this.#rest = Buffer.alloc(0);
    const reading = readHead(all.toString("latin1", 0, end + 2), this.#exchange?.bodiless === true);
    const after = all.subarray(end + 4);
    if (reading.status === 100) {
      if (after.length > 0) this.#receive(after);
      return;
    }
    this.#reading = reading;
    this.#count(reading, after);
  }

  #count(reading: Reading, bytes: Buffer): void {
    reading.bytes += bytes.length;
    if (this.#exchange?.keep === true) this.#kept.push(Buffer.from(bytes));
    if (reading.length === undefined) {
      // Seven bytes may come in two pieces; only chunked answers, which are small, pay for it.
      this.#rest = Buffer.concat([this.#rest, bytes]).subarray(-chunkedEnd.length);
      if (!this.#rest.equals(chunkedEnd)) return;
    } else if (reading.bytes < reading.length) return;
    this.#finish(reading);
  }

  #finish({ status, head, length, bytes }: Reading): void {
    this.#reading = undefined;
    this.#rest = Buffer.alloc(0);
    const settle = this.#settle;
    this.#settle = undefined;
    if (length !== undefined && bytes > length) {
      settle?.reject(new Error(`${bytes - length} bytes follow the body`));
      return;
    }
    settle?.resolve({ status, head, bytes, body: Buffer.concat(this.#kept) });
  }
}
