import { Agent as HttpAgent, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Capability } from "../../capability.ts";
import type {
  Driver,
  DriverGetOptions,
  DriverOptions,
  FileStat,
  ListPage,
  OpenedFile,
  Written,
} from "../../driver.ts";
import { DriverFailure, type Failure } from "../../errors/driver-failure.ts";
import { cutBody } from "../cut-body.ts";
import { repeated } from "../repeated.ts";
import { resumedBody } from "../resumed-body.ts";
import {
  contentLength,
  factsOf,
  refusal,
  refuseEncoding,
  sentPart,
  sizeOfUnsatisfied,
  type AskedRange,
  type SentPart,
} from "./answer.ts";
import { keyPath } from "./key-path.ts";
import { sendRequest, type HttpRequest, type HttpTimeouts } from "./send-request.ts";

/** Where the files are. */
export interface HttpDriverOptions {
  /** As `https://host/folder`; keys are below it. It has no user, no password and no query. */
  readonly baseUrl: string;
  /** Sent with each request to the base's own origin, and to no other. They may be secret, and are never printed. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeouts?: Partial<HttpTimeouts> | undefined;
  /** How often a request is sent at most: 3 times by default. */
  readonly attemptsMax?: number | undefined;
  /** How many redirects of one request are followed: 5 by default. */
  readonly redirectsMax?: number | undefined;
  /** Certificates to trust instead of Node's own, in PEM. */
  readonly ca?: string | readonly string[] | undefined;
}

interface Asking {
  readonly method: "GET" | "HEAD";
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal | undefined;
}

const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const capabilities: ReadonlySet<Capability> = new Set(["metadata", "read"]);

/** Files that a web server has, for reading. It lists nothing, so it has no folders but the root. */
export class HttpDriver implements Driver {
  readonly name = "http";
  readonly capabilities = capabilities;
  readonly namespace = "flat";
  readonly #base: URL;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #timeouts: HttpTimeouts;
  readonly #attemptsMax: number;
  readonly #redirectsMax: number;
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https: HttpsAgent;
  /** Whether the server has said that it answers no HEAD. */
  #hasNoHead = false;

  constructor(options: HttpDriverOptions) {
    this.#base = baseOf(options.baseUrl);
    this.#headers = { ...options.headers };
    const { connectMs = 5000, headersMs = 30_000, idleMs = 30_000 } = options.timeouts ?? {};
    this.#timeouts = { connectMs, headersMs, idleMs };
    this.#attemptsMax = options.attemptsMax ?? 3;
    this.#redirectsMax = options.redirectsMax ?? 5;
    const { ca } = options;
    const trust = ca === undefined ? {} : { ca: typeof ca === "string" ? ca : [...ca] };
    this.#https = new HttpsAgent({ keepAlive: true, ...trust });
  }

  async stat(key: string, { signal }: DriverOptions): Promise<FileStat> {
    const target = keyPath(this.#base.pathname, key);
    return this.#repeated(signal, async () => {
      if (this.#hasNoHead) return this.#statByRange(target, signal);
      const answer = await this.#ask({ method: "HEAD", target, signal });
      const { statusCode } = answer;
      if (statusCode === 405 || statusCode === 501) {
        this.#hasNoHead = true;
        return this.#statByRange(target, signal);
      }
      if (statusCode !== 200) throw refusal(answer);
      refuseEncoding(answer);
      const size = contentLength(answer);
      return size === undefined
        ? this.#statByRange(target, signal)
        : { kind: "file", size, ...factsOf(answer) };
    });
  }

  async get(
    key: string,
    { offset = 0, length, ifMatch, signal }: DriverGetOptions,
  ): Promise<OpenedFile> {
    const target = keyPath(this.#base.pathname, key);
    const range = { offset, length };
    const headers = { ...rangeHeader(range), ...matchHeader("if-match", ifMatch) };
    return this.#repeated(signal, async () => {
      const answer = await this.#ask({ method: "GET", target, headers, signal });
      try {
        if (answer.statusCode === 416)
          return await this.#pastTheEnd(key, { answer, offset, ifMatch, signal });
        return this.#opened(answer, { target, range, ifMatch, signal });
      } catch (error) {
        answer.destroy();
        throw error;
      }
    });
  }

  put(): Promise<Written> {
    return Promise.reject(unsupported("write"));
  }

  delete(): Promise<void> {
    return Promise.reject(unsupported("delete"));
  }

  listPage(): Promise<ListPage> {
    return Promise.reject(unsupported("list"));
  }

  copy(): Promise<Written> {
    return Promise.reject(unsupported("copy"));
  }

  /** The base itself has to answer, by whatever it has there. */
  probe({ signal }: DriverOptions): Promise<void> {
    return this.#repeated(signal, async () => {
      const target = this.#base.pathname;
      let answer = await this.#ask({ method: "HEAD", target, signal });
      if (answer.statusCode === 405 || answer.statusCode === 501) {
        answer = await this.#ask({ method: "GET", target, signal });
      }
      answer.destroy();
      const status = answer.statusCode ?? 0;
      if (status < 200 || status > 299) throw refusal(answer);
    });
  }

  async close(): Promise<void> {
    this.#http.destroy();
    this.#https.destroy();
  }

  failureOf(error: unknown): Failure {
    return error instanceof DriverFailure ? error : { kind: "unknown", cause: error };
  }

  #repeated<T>(signal: AbortSignal | undefined, attempt: () => Promise<T>): Promise<T> {
    const failureOf = (error: unknown): Failure => this.failureOf(error);
    return repeated({ attempt, attemptsMax: this.#attemptsMax, failureOf, signal });
  }

  /** Follows redirects. The caller's headers go to the base's origin alone, and nothing goes from HTTPS to HTTP. */
  async #ask({ method, target, headers, signal }: Asking): Promise<IncomingMessage> {
    // Resolved against the base, a path that begins with two slashes would name another host.
    let url = new URL(`${this.#base.origin}${target}`);
    let path = target;
    for (let followed = 0; ; followed += 1) {
      const answer = await sendRequest(
        this.#request(url, { method, target: path, headers, signal }),
      );
      const { location } = answer.headers;
      if (!redirects.has(answer.statusCode ?? 0) || location === undefined) return answer;
      answer.destroy();
      if (followed === this.#redirectsMax || !URL.canParse(location, url.href)) throw lost(answer);
      const next = new URL(location, url);
      const isSafe = next.protocol === "https:" || next.protocol === url.protocol;
      if (!isSafe || !/^https?:$/.test(next.protocol)) throw lost(answer);
      url = next;
      path = `${url.pathname}${url.search}`;
    }
  }

  #request(url: URL, { method, target, headers, signal }: Asking): HttpRequest {
    return {
      origin: url,
      target,
      method,
      headers: {
        ...(url.origin === this.#base.origin && this.#headers),
        "accept-encoding": "identity",
        ...headers,
      },
      agent: url.protocol === "https:" ? this.#https : this.#http,
      timeouts: this.#timeouts,
      signal,
    };
  }

  async #statByRange(target: string, signal: AbortSignal | undefined): Promise<FileStat> {
    const range = { offset: 0, length: 1 };
    const answer = await this.#ask({ method: "GET", target, headers: rangeHeader(range), signal });
    answer.destroy();
    const { statusCode } = answer;
    if (statusCode === 416 && sizeOfUnsatisfied(answer) === 0) {
      return { kind: "file", size: 0, ...factsOf(answer) };
    }
    if (statusCode !== 200 && statusCode !== 206) throw refusal(answer);
    refuseEncoding(answer);
    return { kind: "file", size: sentPart(answer, range).size, ...factsOf(answer) };
  }

  #opened(answer: IncomingMessage, asked: Asked): OpenedFile {
    const { range, ifMatch } = asked;
    const isRange = "range" in rangeHeader(range);
    const { statusCode } = answer;
    if (statusCode !== 200 && !(isRange && statusCode === 206)) throw refusal(answer);
    refuseEncoding(answer);
    const part = sentPart(answer, range);
    const stat: FileStat = { kind: "file", size: part.size, ...factsOf(answer) };
    // Servers may pass over a condition that they do not know.
    if (ifMatch !== undefined && ifMatch !== stat.etag) {
      throw new DriverFailure({ kind: "precondition-failed", status: statusCode });
    }
    const body = this.#bodyOf(answer, { ...asked, part, stat });
    if (statusCode === 206 || !isRange) return { stat, body };
    // The server sends all of the file whatever is asked for. What comes before the range is read and dropped.
    return { stat, body: cutBody(body, { skip: range.offset, take: range.length ?? Infinity }) };
  }

  #bodyOf(answer: IncomingMessage, opened: Opened): AsyncIterable<Uint8Array> {
    const { part, stat, target, signal } = opened;
    const reopen = async (done: number): Promise<IncomingMessage> => {
      const range = { offset: part.first + done, length: part.bytes - done };
      const headers = { ...rangeHeader(range), ...matchHeader("if-range", stat.etag) };
      const rest = await this.#ask({ method: "GET", target, headers, signal });
      try {
        refuseReplaced(rest, { part: sentPartOfRest(rest, range), stat });
        return rest;
      } catch (error) {
        rest.destroy();
        throw error;
      }
    };
    return resumedBody({
      bytes: part.bytes,
      stream: answer,
      // Without an etag nothing says that the rest is of the same file.
      reopen: stat.etag === undefined ? undefined : reopen,
      reopensMax: this.#attemptsMax - 1,
      idleMs: this.#timeouts.idleMs,
    });
  }

  /** To a server a range past the end is an error; to a store it is empty. */
  async #pastTheEnd(
    key: string,
    { answer, offset, ifMatch, signal }: PastTheEnd,
  ): Promise<OpenedFile> {
    answer.destroy();
    const stat = await this.stat(key, { signal });
    if (ifMatch !== undefined && ifMatch !== stat.etag) {
      throw new DriverFailure({ kind: "precondition-failed", status: 416 });
    }
    if (offset < stat.size) {
      const message = "The server refuses a part that the file has.";
      throw new DriverFailure({ kind: "unavailable", message, status: 416 });
    }
    return { stat, body: nothing() };
  }
}

interface Asked {
  readonly target: string;
  readonly range: AskedRange;
  readonly ifMatch: string | undefined;
  readonly signal: AbortSignal | undefined;
}

interface PastTheEnd {
  readonly answer: IncomingMessage;
  readonly offset: number;
  readonly ifMatch: string | undefined;
  readonly signal: AbortSignal | undefined;
}

interface Opened extends Asked {
  readonly part: SentPart;
  readonly stat: FileStat;
}

function sentPartOfRest(answer: IncomingMessage, range: AskedRange): SentPart {
  const { statusCode } = answer;
  // The whole file instead of the rest: it is another one, or the server has no ranges.
  if (statusCode === 200 || statusCode === 412) throw new DriverFailure({ kind: "modified" });
  if (statusCode !== 206) throw refusal(answer);
  refuseEncoding(answer);
  return sentPart(answer, range);
}

function refuseReplaced(
  answer: IncomingMessage,
  { part, stat }: { readonly part: SentPart; readonly stat: FileStat },
): void {
  if (part.size === stat.size && factsOf(answer).etag === stat.etag) return;
  throw new DriverFailure({ kind: "modified" });
}

function rangeHeader({ offset, length }: AskedRange): { range?: string } {
  if (offset === 0 && length === undefined) return {};
  return { range: `bytes=${offset}-${length === undefined ? "" : offset + length - 1}` };
}

function matchHeader(name: "if-match" | "if-range", etag: string | undefined): object {
  if (etag === undefined) return {};
  if (/^[!#-~\u0080-\u00ff]*$/.test(etag)) return { [name]: `"${etag}"` };
  throw new DriverFailure({ kind: "precondition-failed" });
}

/** Node's own error would repeat the whole URL, and somebody may have put a password there. */
function baseOf(text: string): URL {
  if (!URL.canParse(text)) throw new TypeError("baseUrl is not a URL");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError("baseUrl is neither http nor https");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new TypeError("baseUrl has a user, a password, a query or a fragment; use headers");
  }
  return url;
}

function lost(answer: IncomingMessage): DriverFailure {
  const message = "The server redirects in a way that is not followed.";
  const status = answer.statusCode;
  return new DriverFailure({ kind: "redirect", message, status, retryable: false });
}

function unsupported(capability: Capability): DriverFailure {
  return new DriverFailure({ kind: "unsupported", capability });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
