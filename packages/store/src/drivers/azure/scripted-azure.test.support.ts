import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What is to go wrong with one request. */
export type AzureFault =
  /** The connection breaks before anything is done. */
  | "reset"
  /** It is done, and the connection breaks before the answer. */
  | "lost-answer"
  /** Nothing is answered. */
  | "silence"
  /** Half of a blob's bytes come, and then the connection breaks. */
  | "truncated"
  /** Half of a blob's bytes come, and then nothing. */
  | "stall"
  /** All of a blob comes, whatever part was asked for. */
  | "whole"
  | { readonly status: number; readonly code?: string; readonly retryAfter?: number };

interface Blob {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly modified: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface Fault {
  readonly fault: AzureFault;
  readonly only: RegExp;
}

/** As much of Azure Blob Storage as the driver asks for, over real sockets, for one container of an account. */
export class ScriptedAzure {
  readonly blobs = new Map<string, Blob>();
  /** Staged and not committed, by blob and id. */
  readonly blocks = new Map<string, Map<string, Buffer>>();
  /** `PUT /account/container/name?comp=block`, as each request stood on the wire. */
  readonly requests: { readonly line: string; readonly headers: IncomingMessage["headers"] }[] = [];
  isContainerThere = true;
  isDenied = false;
  /** Azure does not say whether it looks at the condition of a commit first, or at its blocks. */
  looksAtBlocksFirst = false;
  url = "";
  readonly #faults: Fault[] = [];
  #etags = 0;
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => response.destroy(asError(error)));
  });

  /** Listens on loopback until it is closed. */
  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.url = `http://127.0.0.1:${portOf(this.#server.address())}/account`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Gives a blob other bytes, without anybody having to send them. */
  enlarge(key: string, bytes: Buffer): void {
    const blob = this.blobs.get(key);
    if (blob !== undefined) this.blobs.set(key, { ...blob, bytes });
  }

  /** Takes the container away, with all that is in it. */
  dropContainer(): void {
    this.isContainerThere = false;
    this.blobs.clear();
    this.blocks.clear();
  }

  /** Goes wrong once: with the next request, or the next of those whose line matches. */
  failNext(fault: AzureFault, only = /^/): void {
    this.#faults.push({ fault, only });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = `${request.method} ${request.url}`;
    this.requests.push({ line, headers: request.headers });
    const fault = this.#nextFault(line);
    if (fault === "reset") return void request.socket.destroy();
    const body = await bytesOf(request);
    if (fault === "silence") return;
    if (typeof fault === "object") return refuse(response, fault);
    if (fault === "whole") Reflect.deleteProperty(request.headers, "x-ms-range");
    const answer = this.#answer(request, body);
    if (fault === "lost-answer") return void request.socket.destroy();
    send(response, answer, fault);
  }

  #nextFault(line: string): AzureFault | undefined {
    const index = this.#faults.findIndex(({ only }) => only.test(line));
    return index === -1 ? undefined : this.#faults.splice(index, 1)[0]?.fault;
  }

  #answer(request: IncomingMessage, body: Buffer): Answer {
    const url = new URL(request.url ?? "", this.url);
    const comp = url.searchParams.get("comp");
    const key = url.pathname.split("/").slice(3).map(decodeURIComponent).join("/");
    if (this.isDenied || !isSigned(request, url)) return no(403, "AuthorizationFailure");
    if (!this.isContainerThere) return no(404, "ContainerNotFound");
    if (comp === "list") return this.#list(url.searchParams);
    if (request.method === "PUT") return this.#put({ request, key, body, comp, url });
    const blob = this.blobs.get(key);
    // As Azurite does it, whatever Azure does.
    if (blob === undefined && "if-match" in request.headers) return no(412, "ConditionNotMet");
    if (blob === undefined) return no(404, "BlobNotFound");
    if (!holds(request.headers, blob)) return no(412, "ConditionNotMet");
    if (request.method === "DELETE") {
      this.blobs.delete(key);
      return { status: 202 };
    }
    return partOf(blob, request.headers["x-ms-range"]);
  }

  #put(put: Put): Answer {
    const { request, key, body, comp } = put;
    if (comp === "block") return this.#stage(put);
    const current = this.blobs.get(key);
    const parts = comp === "blocklist" ? this.#listed(key, body) : [];
    const isWhole = !parts.includes(undefined);
    if (!isWhole && this.looksAtBlocksFirst) return no(400, "InvalidBlockList");
    if (request.headers["if-none-match"] === "*" && current !== undefined) {
      return no(409, "BlobAlreadyExists");
    }
    if (!holds(request.headers, current)) return no(412, "ConditionNotMet");
    if ("x-ms-copy-source" in request.headers) return this.#copy(put);
    if (comp !== "blocklist") return this.#store(key, body, keptOf(request.headers));
    if (!isWhole) return no(400, "InvalidBlockList");
    const bytes = Buffer.concat(parts.flatMap((part) => part ?? []));
    return this.#store(key, bytes, keptOf(request.headers));
  }

  /** The blocks that a list names, undefined where there is none. */
  #listed(key: string, list: Buffer): readonly (Buffer | undefined)[] {
    const ids = [...list.toString().matchAll(/<Latest>(.*?)<\/Latest>/g)].map(([, id = ""]) => id);
    return ids.map((id) => this.blocks.get(key)?.get(id));
  }

  #stage({ request, key, body, url }: Put): Answer {
    const source = this.#source(request);
    const blocks = this.blocks.get(key) ?? new Map<string, Buffer>();
    const part = source && partOf(source, request.headers["x-ms-source-range"]).bytes;
    blocks.set(url.searchParams.get("blockid") ?? "", part ?? body);
    this.blocks.set(key, blocks);
    return { status: 201 };
  }

  #copy({ request, key }: Put): Answer {
    const source = this.#source(request);
    const wanted = request.headers["x-ms-source-if-match"];
    if (source === undefined) return no(404, "CannotVerifyCopySource");
    if (wanted !== undefined && wanted !== source.etag) return no(412, "SourceConditionNotMet");
    return { ...this.#store(key, source.bytes, source.headers), status: 202 };
  }

  #source({ headers }: IncomingMessage): Blob | undefined {
    const url = headers["x-ms-copy-source"];
    if (typeof url !== "string") return undefined;
    const names = new URL(url).pathname.split("/").slice(3);
    return this.blobs.get(names.map(decodeURIComponent).join("/"));
  }

  #store(key: string, bytes: Buffer, headers: Blob["headers"]): Answer {
    this.#etags += 1;
    const etag = `"0x${this.#etags.toString(16).toUpperCase().padStart(15, "0")}"`;
    const modified = new Date().toUTCString();
    this.blobs.set(key, { bytes, etag, modified, headers });
    this.blocks.delete(key);
    return {
      status: 201,
      headers: { etag, "last-modified": modified, "x-ms-copy-status": "success" },
    };
  }

  #list(query: URLSearchParams): Answer {
    const prefix = query.get("prefix") ?? "";
    const delimiter = query.get("delimiter");
    const found = new Map<string, Blob | undefined>();
    for (const [key, blob] of this.blobs) {
      if (!key.startsWith(prefix)) continue;
      const slash = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
      if (slash === -1) found.set(key, blob);
      else found.set(key.slice(0, slash + 1), undefined);
    }
    const names = [...found.keys()]
      .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .filter((name) => name > (query.get("marker") ?? ""));
    const page = names.slice(0, Number(query.get("maxresults") ?? 5000));
    const next = page.length < names.length ? (page.at(-1) ?? "") : "";
    const items = page.map((name) => itemOf(name, found.get(name))).join("");
    const document = `<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>${items}</Blobs><NextMarker>${escaped(next)}</NextMarker></EnumerationResults>`;
    return {
      status: 200,
      headers: { "content-type": "application/xml" },
      bytes: Buffer.from(document),
    };
  }
}

interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes?: Buffer;
}

interface Put {
  readonly request: IncomingMessage;
  readonly key: string;
  readonly body: Buffer;
  readonly comp: string | null;
  readonly url: URL;
}

/** Whether a request says who signed it. The token of a URL has to allow its method; no signature is verified. */
function isSigned({ headers, method = "" }: IncomingMessage, { searchParams }: URL): boolean {
  if (headers.authorization !== undefined) return true;
  const permissions = searchParams.get("sp") ?? "";
  const needed = method === "PUT" ? "w" : "r";
  return searchParams.has("sig") && permissions.includes(needed);
}

function no(status: number, code: string): Answer {
  return { status, code };
}

/** What Azure says beside the code quotes the request, so this does too. */
function refuse(response: ServerResponse, fault: Exclude<AzureFault, string>): void {
  const { status, code, retryAfter } = fault;
  const { authorization = "", host } = response.req.headers;
  const said = `The request ${host}${response.req.url} was signed ${authorization}`;
  const document = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${escaped(said)}</Message></Error>`;
  response.writeHead(status, {
    "content-type": "application/xml",
    "x-ms-request-id": "request-7",
    ...(code !== undefined && { "x-ms-error-code": code }),
    ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
  });
  response.end(response.req.method === "HEAD" ? undefined : document);
}

function send(response: ServerResponse, answer: Answer, fault: AzureFault | undefined): void {
  const { status, code, headers, bytes } = answer;
  if (code !== undefined) return refuse(response, { status, code });
  const length = bytes === undefined ? {} : { "content-length": bytes.length };
  response.writeHead(status, { ...headers, ...length });
  if (fault === undefined || fault === "whole" || bytes === undefined) {
    return void response.end(response.req.method === "HEAD" ? undefined : bytes);
  }
  response.write(bytes.subarray(0, bytes.length >> 1));
  if (fault === "truncated") setTimeout(() => response.destroy(), 20);
}

function holds(headers: IncomingMessage["headers"], blob: Blob | undefined): boolean {
  const wanted = headers["if-match"];
  return wanted === undefined || wanted === blob?.etag;
}

function partOf(blob: Blob, range: unknown): Answer {
  const { bytes, etag, modified } = blob;
  const headers = {
    ...blob.headers,
    etag,
    "last-modified": modified,
  };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(typeof range === "string" ? range : "") ?? [];
  if (from === undefined) return { status: 200, headers, bytes };
  if (Number(from) >= bytes.length) return no(416, "InvalidRange");
  const last = to === undefined || to === "" ? bytes.length - 1 : Number(to);
  const part = bytes.subarray(Number(from), last + 1);
  const said = `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}`;
  return { status: 206, headers: { ...headers, "content-range": said }, bytes: part };
}

function keptOf(headers: IncomingMessage["headers"]): Blob["headers"] {
  const kept = Object.entries(headers).filter(([name]) => name.startsWith("x-ms-meta-"));
  const type = headers["x-ms-blob-content-type"] ?? "application/octet-stream";
  return {
    ...Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    "content-type": String(type),
  };
}

function itemOf(name: string, blob: Blob | undefined): string {
  if (blob === undefined) return `<BlobPrefix><Name>${escaped(name)}</Name></BlobPrefix>`;
  const { bytes, etag, modified } = blob;
  const said = `<Last-Modified>${modified}</Last-Modified><Etag>${etag.slice(1, -1)}</Etag><Content-Length>${bytes.length}</Content-Length><BlobType>BlockBlob</BlobType>`;
  return `<Blob><Name>${escaped(name)}</Name><Properties>${said}</Properties></Blob>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) if (piece instanceof Uint8Array) pieces.push(piece);
  return Buffer.concat(pieces);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function portOf(address: string | AddressInfo | null): number {
  if (address === null || typeof address === "string") throw new Error("not listening");
  return address.port;
}
