import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What is done with one request instead of what the server does by itself. */
export type Reply = (request: IncomingMessage, response: ServerResponse) => void;

/** A web server over real sockets, which has files under `/base/` and goes wrong when it is told to. */
export class ScriptedWeb {
  /** By their path below the base, decoded. */
  readonly files = new Map<string, Buffer>();
  readonly requests: { readonly line: string; readonly headers: IncomingMessage["headers"] }[] = [];
  isDenied = false;
  isThere = true;
  /** What this server does not know, as some servers do not. */
  readonly lacks = new Set<"conditions" | "etag" | "head" | "length" | "ranges">();
  url = "";
  readonly #replies: Reply[] = [];
  readonly #server = createServer((request, response) => this.#serve(request, response));

  /** Listens on loopback until it is closed. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${portOf(this.#server.address())}/base`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** How many connections are open. */
  connections(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.getConnections((_error, count) => resolve(count));
    });
  }

  /** Does this with the next requests, one after another. */
  next(...replies: readonly Reply[]): void {
    this.#replies.push(...replies);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.requests.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    const reply = this.#replies.shift();
    if (reply !== undefined) return reply(request, response);
    if (this.isDenied) return page(response, 403);
    if (!this.isThere) return page(response, 404);
    if (request.method === "HEAD" && this.lacks.has("head")) return page(response, 405);
    const path = request.url ?? "";
    if (path === "/base/" || path === "/base") return page(response, 200);
    const bytes = this.files.get(
      path.slice("/base/".length).split("/").map(decodeURIComponent).join("/"),
    );
    if (bytes === undefined) return page(response, 404);
    this.#send(response, bytes);
  }

  #send(response: ServerResponse, bytes: Buffer): void {
    const request = response.req;
    const { range, "if-match": ifMatch, "if-range": ifRange } = request.headers;
    const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
    response.setHeader("content-type", "text/plain");
    response.setHeader("last-modified", "Fri, 20 Nov 2026 10:00:00 GMT");
    if (!this.lacks.has("etag")) response.setHeader("etag", etag);
    const knowsConditions = !this.lacks.has("conditions");
    if (knowsConditions && ifMatch !== undefined && ifMatch !== etag) return page(response, 412);
    const isAsked = range !== undefined && (ifRange === undefined || ifRange === etag);
    if (!isAsked || this.lacks.has("ranges")) return this.#finish(response, 200, bytes);
    return this.#sendPart(response, bytes, range);
  }

  #sendPart(response: ServerResponse, bytes: Buffer, range: string): void {
    const [, first = "", last = ""] = /^bytes=(\d+)-(\d*)$/.exec(range) ?? [];
    if (Number(first) >= bytes.length) {
      response.setHeader("content-range", `bytes */${bytes.length}`);
      return page(response, 416);
    }
    const part = bytes.subarray(Number(first), last === "" ? undefined : Number(last) + 1);
    const end = Number(first) + part.length - 1;
    response.setHeader("content-range", `bytes ${first}-${end}/${bytes.length}`);
    return this.#finish(response, 206, part);
  }

  #finish(response: ServerResponse, status: number, bytes: Buffer): void {
    if (!this.lacks.has("length")) response.setHeader("content-length", bytes.length);
    response.writeHead(status);
    response.end(response.req.method === "HEAD" ? undefined : bytes);
  }
}

/** A page for people, as servers send with a refusal. */
export function page(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  const html = `<html><h1>${status}</h1></html>`;
  response.writeHead(status, {
    "content-type": "text/html",
    "content-length": html.length,
    ...headers,
  });
  response.end(response.req.method === "HEAD" ? undefined : html);
}

/** Sends this as a file, and breaks off or stalls after so many bytes. */
export function cut(bytes: Buffer, after: number, then: "break" | "stall"): Reply {
  return (_request, response) => {
    response.writeHead(200, { "content-length": bytes.length, etag: '"cut"' });
    response.write(bytes.subarray(0, after));
    if (then === "break") setTimeout(() => response.destroy(), 20);
  };
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address.port;
}
