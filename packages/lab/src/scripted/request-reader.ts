import { createHash, type Hash } from "node:crypto";

/** A request as it came over the wire. What is said of its body is complete once `whole` is true. */
export interface ReceivedRequest {
  /** Counted from 0 over all connections of a server. */
  readonly index: number;
  /** Which connection it came by, counted from 0. */
  readonly connection: number;
  /** When its head was there, on the monotonic clock, in milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly target: string;
  /** By lower-case name; the last of a repeated one. */
  readonly headers: ReadonlyMap<string, string>;
  bodyBytes: number;
  /** Hex, of the body without its framing. */
  bodySha256: string;
  /** The body's first 64 KiB. */
  bodyStart: Buffer;
  whole: boolean;
}

type State = "head" | "length" | "chunk-size" | "chunk-data" | "chunk-end" | "trailers";

interface Listener {
  /** Names the new request; called when its head is there. */
  begin(head: Pick<ReceivedRequest, "method" | "target" | "headers">): ReceivedRequest;
  /** Called when its body is there too. */
  end(request: ReceivedRequest): void;
}

const keptBytesMax = 65_536;

/** Reads requests off one connection: bodies with a length, in chunks, or none, one after another. */
export class RequestReader {
  readonly #listener: Listener;
  #pending: Buffer = Buffer.alloc(0);
  #state: State = "head";
  #left = 0;
  #request: ReceivedRequest | undefined;
  #hash: Hash = createHash("sha256");

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  push(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    while (this.#step());
  }

  #step(): boolean {
    switch (this.#state) {
      case "head":
        return this.#readHead();
      case "length":
      case "chunk-data":
        return this.#readData();
      case "chunk-size":
        return this.#readChunkSize();
      case "chunk-end":
        return this.#line() !== undefined && this.#enter("chunk-size");
      case "trailers":
        return this.#readTrailer();
    }
  }

  #readHead(): boolean {
    const end = this.#pending.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const [first = "", ...lines] = this.#pending.toString("latin1", 0, end).split("\r\n");
    this.#pending = this.#pending.subarray(end + 4);
    const [method = "", target = ""] = first.split(" ");
    const headers = new Map(lines.map((line) => splitField(line)));
    this.#hash = createHash("sha256");
    this.#request = this.#listener.begin({ method, target, headers });
    if (headers.get("transfer-encoding") === "chunked") return this.#enter("chunk-size");
    this.#left = Number(headers.get("content-length") ?? 0);
    return this.#left === 0 ? this.#finish() : this.#enter("length");
  }

  #readData(): boolean {
    if (this.#pending.length === 0) return false;
    const piece = this.#pending.subarray(0, this.#left);
    this.#pending = this.#pending.subarray(piece.length);
    this.#left -= piece.length;
    this.#keep(piece);
    if (this.#left > 0) return true;
    return this.#state === "length" ? this.#finish() : this.#enter("chunk-end");
  }

  #readChunkSize(): boolean {
    const line = this.#line();
    if (line === undefined) return false;
    this.#left = Number.parseInt(line, 16);
    return this.#enter(this.#left === 0 ? "trailers" : "chunk-data");
  }

  #readTrailer(): boolean {
    const line = this.#line();
    if (line === undefined) return false;
    return line === "" ? this.#finish() : true;
  }

  #line(): string | undefined {
    const end = this.#pending.indexOf("\r\n");
    if (end < 0) return undefined;
    const line = this.#pending.toString("latin1", 0, end);
    this.#pending = this.#pending.subarray(end + 2);
    return line;
  }

  #keep(piece: Buffer): void {
    const request = this.#request;
    if (request === undefined) return;
    this.#hash.update(piece);
    request.bodyBytes += piece.length;
    const room = keptBytesMax - request.bodyStart.length;
    if (room > 0) request.bodyStart = Buffer.concat([request.bodyStart, piece.subarray(0, room)]);
  }

  #enter(state: State): true {
    this.#state = state;
    return true;
  }

  #finish(): true {
    const request = this.#request;
    if (request !== undefined) {
      request.bodySha256 = this.#hash.digest("hex");
      request.whole = true;
      this.#listener.end(request);
    }
    return this.#enter("head");
  }
}

function splitField(line: string): readonly [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
