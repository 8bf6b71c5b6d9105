import { once } from "node:events";
import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { CheckedFault } from "../faults/fault.ts";
import { seeded } from "../faults/seeded.ts";
import type { SeenRequest } from "../seen-request.ts";
import { alteredHead } from "./altered-head.ts";
import type { CraftedAnswer } from "./crafted-answer.ts";
import { piecesUntil, type Place } from "./pieces-until.ts";
import { answerOf, withoutHopByHop, type Passed, type Upstream } from "./upstream.ts";

/** Long enough for a peer on a busy machine to read what it was sent before the connection is reset. */
const readMs = 50;

/** A fault under way. */
interface Befallen {
  readonly fault: CheckedFault;
  /** It did what it is for. */
  fired(): void;
}

const white = Buffer.alloc(64 * 1024, " ");

interface ExchangeParts {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly seen: SeenRequest;
  readonly upstream: Upstream;
  readonly befallen: Befallen | undefined;
  readonly seed: number;
  readonly expectsContinue: boolean;
  /** Aborted when the lab closes. */
  readonly closing: AbortSignal;
  readonly craft: (fault: CheckedFault) => Promise<CraftedAnswer>;
  /** Takes the answer's body for later; absent where nobody will ask for it. */
  readonly keeps: ((answer: CraftedAnswer) => void) | undefined;
}

const untouched: CheckedFault = {};

/** One request and its answer, with the fault that befalls them. */
export class Exchange {
  readonly #parts: ExchangeParts;
  readonly #fault: CheckedFault;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
    this.#fault = parts.befallen?.fault ?? untouched;
  }

  /** Resolves when the answer is out, or whatever stands in its place. Rejects with what neither side did. */
  async carryOut(): Promise<void> {
    const { after } = this.#fault;
    await this.#beLate();
    if (this.#isEnding && after === undefined && (await this.#act()) === "stop") return;
    const place = typeof after === "number" ? { after, act: () => this.#act() } : undefined;
    const isUpload = hasBody(this.#parts.request);
    const answer = await this.#answered(isUpload ? place : undefined);
    if (answer === undefined) return;
    if (after === "commit") {
      await drained(answer);
      if ((await this.#act()) === "stop") return;
    }
    await this.#pass(answer, isUpload ? undefined : place);
  }

  /** Has the server answer, twice if it is to get the request twice. */
  async #answered(place: Place | undefined): Promise<IncomingMessage | undefined> {
    const kept: Buffer[] | undefined = this.#fault.duplicate === true ? [] : undefined;
    const answer = await this.#forward(place, kept);
    this.#parts.seen.serverStatus = answer?.statusCode;
    return answer === undefined || kept === undefined ? answer : this.#again(answer, kept);
  }

  get #isEnding(): boolean {
    const { then, reset, close, stall, stale } = this.#fault;
    return [then, reset, close, stall, stale].some((one) => one !== undefined);
  }

  get #passed(): Passed {
    const { method = "", url: target = "", rawHeaders } = this.#parts.request;
    return { method, target, rawHeaders };
  }

  async #beLate(): Promise<void> {
    const { latency } = this.#fault;
    if (latency === undefined) return;
    const { befallen, seed, seen } = this.#parts;
    befallen?.fired();
    const { ms, jitter } = typeof latency === "number" ? { ms: latency, jitter: 0 } : latency;
    await this.#wait(ms + jitter * seeded(seed, "jitter", seen.number));
  }

  /** Passes the request on, up to the place where it ends; resolves with the answer, unless it ended there. */
  async #forward(
    place: Place | undefined,
    kept: Buffer[] | undefined,
  ): Promise<IncomingMessage | undefined> {
    const { upstream, response, expectsContinue } = this.#parts;
    const sent = upstream.open(this.#passed);
    const answered = answerOf(sent);
    answered.catch(() => {});
    if (expectsContinue) response.writeContinue();
    const sending = this.#send(sent, place, kept);
    sending.catch(() => {});
    // A server that refuses an upload early is heard at once, whatever is left of the body.
    const isWhole = place !== undefined || kept !== undefined;
    const next = await (isWhole ? sending : Promise.race([sending, answered]));
    return next === "stop" ? undefined : answered;
  }

  /** Sends the body on. Rejects when the peer vanishes; the server then gets no whole request. */
  async #send(
    sent: ClientRequest,
    place: Place | undefined,
    kept: Buffer[] | undefined,
  ): Promise<"go-on" | "stop"> {
    let next: "go-on" | "stop" = "go-on";
    const act = async (): Promise<"go-on" | "stop"> => {
      next = (await place?.act()) ?? "go-on";
      if (next === "stop") sent.destroy();
      return next;
    };
    try {
      const body = piecesUntil(this.#body(), place && { after: place.after, act });
      for await (const piece of body) {
        kept?.push(piece);
        await this.#paced(piece.length);
        // Once the server hung up, what is left is for nobody, and still has to be read for the peer to hear the answer.
        if (!sent.destroyed && !sent.write(piece)) await drainedOrClosed(sent);
      }
    } catch (error) {
      sent.destroy();
      throw error;
    }
    if (!sent.destroyed) sent.end();
    return next;
  }

  async *#body(): AsyncGenerator<Buffer, void, undefined> {
    const { request, seen } = this.#parts;
    // Left open when only a part of it is wanted: the fault decides what becomes of the connection.
    for await (const piece of request.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(piece)) throw new TypeError("a request's body has to be bytes");
      seen.bytesIn += piece.length;
      yield piece;
    }
  }

  async #again(first: IncomingMessage, kept: readonly Buffer[]): Promise<IncomingMessage> {
    await drained(first);
    this.#parts.befallen?.fired();
    const sent = this.#parts.upstream.open(this.#passed);
    const answered = answerOf(sent);
    for (const piece of kept) sent.write(piece);
    sent.end();
    return answered;
  }

  async #pass(answer: IncomingMessage, place: Place | undefined): Promise<void> {
    const sink = await this.#begin(answer);
    const { keeps } = this.#parts;
    const kept: Buffer[] = [];
    let isStopped = false;
    const act = async (): Promise<"go-on" | "stop"> => {
      const next = (await place?.act()) ?? "go-on";
      isStopped = next === "stop";
      return next;
    };
    const body = piecesUntil(this.#altered(answer), place && { after: place.after, act });
    for await (const piece of body) {
      await this.#paced(piece.length);
      if (sink.destroyed) return;
      this.#parts.seen.code ??= codeIn(answer, piece);
      if (keeps !== undefined) kept.push(piece);
      if (!sink.write(piece)) await drainedOrClosed(sink);
    }
    if (isStopped) return;
    sink.end();
    const { statusCode: status = 0, headers } = answer;
    if (status !== 200) return;
    const type = headers["content-type"] ?? "application/xml";
    keeps?.({ status, headers: { "content-type": type }, body: Buffer.concat(kept) });
  }

  /** Sends the head of the answer; resolves with what takes its body. */
  async #begin(answer: IncomingMessage): Promise<ServerResponse | Socket> {
    const { response, seen, befallen } = this.#parts;
    const { checksum, length, drip } = this.#fault;
    const { statusCode = 502, statusMessage = "" } = answer;
    if (checksum !== undefined || length !== undefined) befallen?.fired();
    const rawHeaders = alteredHead(withoutHopByHop(answer.rawHeaders), this.#fault);
    seen.status = statusCode;
    const { socket } = response;
    if (drip !== undefined && socket !== null) {
      await this.#drip(socket, headText(statusCode, statusMessage, rawHeaders));
      return socket;
    }
    response.sendDate = false;
    // Behind a length that is not true nobody knows where the next answer begins.
    if (length !== undefined) response.shouldKeepAlive = false;
    response.writeHead(statusCode, statusMessage, rawHeaders);
    response.flushHeaders();
    return response;
  }

  async #drip(socket: Socket, head: string): Promise<void> {
    this.#parts.befallen?.fired();
    for (const byte of head) {
      if (socket.destroyed) return;
      socket.write(byte, "latin1");
      await this.#wait(this.#fault.drip ?? 0);
    }
  }

  async *#altered(answer: IncomingMessage): AsyncGenerator<Buffer, void, undefined> {
    const { corrupt } = this.#fault;
    const at = corrupt === true ? 0 : corrupt;
    let passed = 0;
    for await (const piece of answer) {
      if (!Buffer.isBuffer(piece)) throw new TypeError("an answer's body has to be bytes");
      const place = at === undefined ? -1 : at - passed;
      if (place >= 0 && place < piece.length) {
        piece[place] = (piece[place] ?? 0) ^ 0x01;
        this.#parts.befallen?.fired();
      }
      passed += piece.length;
      yield piece;
    }
  }

  async #paced(length: number): Promise<void> {
    const { bandwidth } = this.#fault;
    if (bandwidth === undefined) return;
    this.#parts.befallen?.fired();
    await this.#wait((length / bandwidth) * 1000);
  }

  /** Does what the fault is for; says whether the exchange goes on behind it. */
  async #act(): Promise<"go-on" | "stop"> {
    const { befallen, response, closing } = this.#parts;
    const { socket } = response;
    const { then, reset, close, stall, stale } = this.#fault;
    befallen?.fired();
    if (then !== undefined || stale === true) {
      await this.#answer();
      return "stop";
    }
    if (typeof stall === "number") {
      await this.#wait(stall);
      return "go-on";
    }
    if (stall === true) {
      await once(response, "close", { signal: closing }).catch(() => {});
      return "stop";
    }
    if (reset === true || close === true) {
      if (response.headersSent) await this.#wait(readMs);
      if (reset === true) socket?.resetAndDestroy();
      else socket?.end();
      return "stop";
    }
    return "go-on";
  }

  async #answer(): Promise<void> {
    const { request, response, seen, craft, expectsContinue } = this.#parts;
    const {
      status,
      headers,
      body,
      filler = { at: body.length, bytes: 0 },
    } = await craft(this.#fault);
    seen.status = status;
    seen.code = this.#fault.then?.error;
    if (response.headersSent) throw new TypeError("an answer cannot follow another one");
    if (expectsContinue && !request.readableDidRead) response.shouldKeepAlive = false;
    else for await (const _ of this.#rest());
    response.writeHead(status, { ...headers, "content-length": body.length + filler.bytes });
    response.write(body.subarray(0, filler.at));
    for (let left = filler.bytes; left > 0 && !response.destroyed; left -= white.length) {
      if (!response.write(white.subarray(0, left))) await drainedOrClosed(response);
    }
    response.end(body.subarray(filler.at));
  }

  /** A server that refuses an upload has read it, unless the upload waited to be asked for. */
  async *#rest(): AsyncGenerator<Buffer, void, undefined> {
    if (this.#parts.request.readableEnded) return;
    yield* this.#body();
  }

  async #wait(ms: number): Promise<void> {
    const { closing } = this.#parts;
    await wait(ms, undefined, { signal: closing, ref: false }).catch(() => {});
  }
}

/** Of an answer that ends with its connection. */
function headText(status: number, message: string, rawHeaders: readonly string[]): string {
  const lines = [`HTTP/1.1 ${status} ${message}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  }
  return `${[...lines, "connection: close"].join("\r\n")}\r\n\r\n`;
}

function hasBody(request: IncomingMessage): boolean {
  const { "content-length": length = "0", "transfer-encoding": coding } = request.headers;
  return length !== "0" || coding !== undefined;
}

/** The code of an error document, which stands at its beginning. */
function codeIn({ statusCode = 0 }: IncomingMessage, piece: Buffer): string | undefined {
  if (statusCode < 400) return undefined;
  return /<Code>([\w.]{1,64})<\/Code>/.exec(piece.toString("latin1", 0, 1024))?.[1];
}

async function drained(answer: IncomingMessage): Promise<void> {
  for await (const _ of answer);
}

/** Resolves when more may be written, or nobody will read it. */
function drainedOrClosed(
  stream: NodeJS.WritableStream & { readonly destroyed: boolean },
): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    const done = (): void => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.once("drain", done);
    stream.once("close", done);
  });
}
