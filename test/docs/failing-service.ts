import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

interface Refusal {
  readonly status: number;
  readonly code: string;
}

const unavailable: Refusal = { status: 503, code: "ServiceUnavailable" };

/**
 * As much of S3 as the pages on failures need. A key says how it fails: `flaky` the first four tries of a method, which is
 * more than the client makes, `breaks` from the second read on, `forbidden` and `down` always.
 */
export class FailingService {
  readonly #server: Server;
  readonly #objects = new Map<string, Buffer>([
    [
      "/reports",
      Buffer.from("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"),
    ],
    ["/reports/flaky/today.txt", Buffer.from("quiet")],
  ]);
  readonly #asked = new Map<string, number>();

  constructor() {
    this.#server = createServer((request, response) => {
      void this.#serve(request, response);
    });
  }

  /** Listens on loopback and resolves with the URL. */
  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("not listening");
    return `http://127.0.0.1:${address.port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body, etag } = await this.#answer(request);
    response.writeHead(status, { "content-length": body.length, etag: `"${etag}"` });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  async #answer(request: IncomingMessage) {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(Buffer.from(piece));
    const { method = "", url = "" } = request;
    const path = url.split("?", 1)[0] ?? "";
    const refusal = this.#refusal(method, path);
    if (refusal === undefined && method === "PUT") this.#objects.set(path, Buffer.concat(pieces));
    const found = this.#objects.get(path);
    const { status, code } = refusal ?? { status: found ? 200 : 404, code: "NoSuchKey" };
    const error = Buffer.from(`<Error><Code>${code}</Code></Error>`);
    const content = method === "PUT" ? Buffer.alloc(0) : (found ?? error);
    const body = status === 200 ? content : error;
    return { status, body, etag: createHash("md5").update(body).digest("hex") };
  }

  #refusal(method: string, path: string): Refusal | undefined {
    const name = `${method} ${path}`;
    const asked = (this.#asked.get(name) ?? 0) + 1;
    this.#asked.set(name, asked);
    if (path.includes("forbidden")) return { status: 403, code: "AccessDenied" };
    if (path.includes("down")) return unavailable;
    if (path.includes("flaky") && asked <= 4) return unavailable;
    return path.includes("breaks") && method !== "PUT" && asked > 1 ? unavailable : undefined;
  }
}
