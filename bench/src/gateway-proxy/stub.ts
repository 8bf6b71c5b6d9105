import { createServer, type Socket } from "node:net";
import { md5Of, objects, sizeOf, type ObjectSize } from "./objects.ts";

/** An S3 that answers from memory, swallows what it is sent, verifies nothing, and costs next to nothing. */
const sizes: readonly ObjectSize[] = ["1k", "1m", "64m"];
const etags = new Map(sizes.map((size) => [sizeOf(size), md5Of(size)]));

const always = [
  "x-amz-request-id: 4442587FB7D0A2F9",
  "x-amz-id-2: vlR7PnpV2Ce81l0PRw6jlUpck7Jo5ZsQjryTjKlc5aLWGVHPZLj5NeC6qMa0emYBDXOo6QBU0Wo=",
  "Date: Sat, 21 Nov 2026 12:00:00 GMT",
  "Server: Stub",
];

function head(status: string, headers: readonly string[], length: number): Buffer {
  const lines = [`HTTP/1.1 ${status}`, ...always, ...headers, `Content-Length: ${length}`];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
}

function document(status: string, xml: string): Buffer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
  return Buffer.concat([head(status, ["Content-Type: application/xml"], body.length), body]);
}

const owner = "<Owner><ID>stub</ID><DisplayName>stub</DisplayName></Owner>";
const bucket =
  "<Bucket><Name>remote</Name><CreationDate>2026-11-21T12:00:00.000Z</CreationDate></Bucket>";
const buckets = document(
  "200 OK",
  `<ListAllMyBucketsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${owner}<Buckets>${bucket}</Buckets></ListAllMyBucketsResult>`,
);
const refusal = document(
  "403 Forbidden",
  "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>4442587FB7D0A2F9</RequestId><HostId>stub</HostId></Error>",
);
const missing = document(
  "404 Not Found",
  "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>",
);
const goOn = Buffer.from("HTTP/1.1 100 Continue\r\n\r\n");

const objectHead = (size: ObjectSize): Buffer =>
  head(
    "200 OK",
    [
      `ETag: "${md5Of(size)}"`,
      "Last-Modified: Sat, 21 Nov 2026 12:00:00 GMT",
      "Content-Type: application/octet-stream",
      "Accept-Ranges: bytes",
    ],
    sizeOf(size),
  );

interface Answer {
  readonly first: Buffer;
  readonly piece: Buffer;
  readonly left: number;
}

const gets = new Map<string, Answer>(
  sizes.map((size) => {
    const { piece, count } = objects[size];
    const start = objectHead(size);
    const first = count === 1 ? Buffer.concat([start, piece]) : start;
    return [size, { first, piece, left: count === 1 ? 0 : count }];
  }),
);

const stored = new Map(
  [...etags].map(([length, etag]) => [length, head("200 OK", [`ETag: "${etag}"`], 0)]),
);

function numberIn(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** One connection, a request at a time. */
class Peer {
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);
  /** Of the body that is being swallowed. */
  #left = 0;
  #answer: (() => void) | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (bytes) => this.#take(bytes));
    socket.on("error", () => socket.destroy());
  }

  #take(bytes: Buffer): void {
    let after = bytes;
    if (this.#left > 0) {
      after = bytes.subarray(this.#left);
      this.#left -= bytes.length - after.length;
      if (this.#left > 0) return;
      this.#answer?.();
      if (after.length === 0) return;
    }
    const all = this.#rest.length === 0 ? after : Buffer.concat([this.#rest, after]);
    const end = all.indexOf("\r\n\r\n");
    this.#rest = end === -1 ? all : Buffer.alloc(0);
    if (end !== -1) this.#request(all.toString("latin1", 0, end + 2), all.subarray(end + 4));
  }

  #request(text: string, after: Buffer): void {
    const [method = "", target = ""] = text.split(" ", 2);
    const length = numberIn(text, /\r\ncontent-length: *(\d+)/i) ?? 0;
    // Of a body in chunks, whose framing is counted above.
    const size = numberIn(text, /\r\nx-amz-decoded-content-length: *(\d+)/i) ?? length;
    // A length is what S3 insists on.
    if (/\r\ntransfer-encoding:/i.test(text)) return void this.#socket.destroy();
    this.#answer = () => this.#respond(method, target, size);
    if (length === 0) {
      this.#answer();
      if (after.length > 0) this.#take(after);
      return;
    }
    if (/\r\nexpect: *100-continue/i.test(text)) this.#socket.write(goOn);
    this.#left = length;
    if (after.length > 0) this.#take(after);
  }

  #respond(method: string, target: string, size: number): void {
    this.#answer = undefined;
    if (target.includes("refused")) return void this.#socket.write(refusal);
    if (method === "PUT") return void this.#socket.write(stored.get(size) ?? missing);
    if (target === "/" || target.startsWith("/?")) return void this.#socket.write(buckets);
    const answer = gets.get(target.split("/")[2] ?? "");
    if (answer === undefined) return void this.#socket.write(missing);
    const flowing = this.#socket.write(answer.first);
    if (answer.left > 0) this.#pour(answer.piece, answer.left, flowing);
  }

  #pour(piece: Buffer, count: number, isFlowing: boolean): void {
    let left = count;
    let flowing = isFlowing;
    while (left > 0 && flowing) {
      flowing = this.#socket.write(piece);
      left--;
    }
    if (left > 0) this.#socket.once("drain", () => this.#pour(piece, left, true));
  }
}

const server = createServer((socket) => void new Peer(socket));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.stdout.write(`${address?.port}\n`);
});
