import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { ClientCode } from "../errors/client-codes.ts";
import { WireFailure, type FailurePhase } from "../errors/wire-failure.ts";
import type { ResponseHeaders, TransportRequest, TransportResponse } from "./transport.ts";

/** Whoever waits for an answer's head. */
interface Waiter {
  readonly resolve: (response: TransportResponse) => void;
  readonly reject: (failure: WireFailure) => void;
  /** Told when the exchange no longer has a connection. */
  readonly over: (exchange: Exchange) => void;
}

/** How long a body may lie unread before its connection is taken back, in milliseconds. */
const unreadMs = 60_000;

/** One request under way: knows in which phase it is, and ends when a limit of that phase passes. */
export class Exchange {
  readonly #request: TransportRequest;
  readonly #waiter: Waiter;
  #phase: FailurePhase = "connect";
  #outgoing: ClientRequest | undefined;
  #socket: Socket | undefined;
  #response: IncomingMessage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unread: { readonly since: number; readonly bytesRead: number } | undefined;
  #failure: WireFailure | undefined;
  /** What is being sent, until it has given its last piece. */
  #source: AsyncIterator<Uint8Array> | undefined;

  constructor(request: TransportRequest, waiter: Waiter) {
    this.#request = request;
    this.#waiter = waiter;
  }

  begin(outgoing: ClientRequest): void {
    this.#outgoing = outgoing;
    const { signal, timeouts } = this.#request;
    outgoing.on("error", this.#onError);
    outgoing.on("close", this.#onClose);
    outgoing.once("socket", this.#onSocket);
    // A connection that was kept is at hand already.
    if (timeouts.connectMs > 0 && !outgoing.reusedSocket) {
      this.#timer = setTimeout(this.#onLate, timeouts.connectMs);
    }
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  /** Ends it, whatever it waits for, with this failure. */
  end(failure: WireFailure): void {
    this.#fail(failure);
  }

  /** Given to Node as the listener of the answer's head. */
  readonly onResponse = (response: IncomingMessage): void => {
    this.#response = response;
    this.#phase = "body";
    this.#stopTimer();
    const { idleMs } = this.#request.timeouts;
    if (this.#socket?.timeout !== idleMs) this.#socket?.setTimeout(idleMs);
    response.on("error", ignore);
    response.once("end", this.#onEnd);
    const { statusCode = 0, headers } = response;
    this.#waiter.resolve({
      status: statusCode,
      headers: plain(headers),
      body: response,
      failure: this.#bodyFailure,
    });
  };

  /** What an error of the body means; the body may have been ended from here, for a reason known here. */
  readonly #bodyFailure = (error: unknown): WireFailure => {
    if (this.#failure !== undefined) return this.#failure;
    // After a FIN the stream says the same as after a reset; the socket knows which it was.
    const code = this.#socket?.readableEnded === true ? "TruncatedBody" : codeOf(error);
    return new WireFailure({ code, phase: "body", cause: error });
  };

  readonly #onSocket = (socket: Socket): void => {
    this.#socket = socket;
    socket.on("timeout", this.#onIdle);
    if (socket.connecting) {
      socket.once(this.#request.secure ? "secureConnect" : "connect", this.#onConnected);
    } else {
      this.#onConnected();
    }
  };

  readonly #onConnected = (): void => {
    this.#stopTimer();
    if (this.#phase !== "connect" || this.#outgoing === undefined) return;
    if (this.#failure !== undefined) return;
    this.#phase = "request";
    const { idleMs } = this.#request.timeouts;
    if (this.#socket?.timeout !== idleMs) this.#socket?.setTimeout(idleMs);
    const { body } = this.#request;
    if (body === undefined || body instanceof Uint8Array) {
      this.#outgoing.end(body, this.#onSent);
    } else {
      void this.#pump(body, this.#outgoing);
    }
  };

  /** Reads no further from the source than the connection takes. */
  async #pump(source: AsyncIterable<Uint8Array>, outgoing: ClientRequest): Promise<void> {
    const due = Number(this.#request.headers["content-length"]);
    let sent = 0;
    try {
      const pieces = source[Symbol.asyncIterator]();
      this.#source = pieces;
      for await (const chunk of { [Symbol.asyncIterator]: () => pieces }) {
        if (outgoing.destroyed || this.#phase === "body") return;
        if (sent + chunk.byteLength > due) {
          this.#sourceFailed(wrongLength(sent + chunk.byteLength, due), sent === due);
          return;
        }
        sent += chunk.byteLength;
        if (!outgoing.write(chunk)) await drained(outgoing);
      }
    } catch (cause) {
      this.#sourceFailed(cause, sent === due);
      return;
    }
    this.#source = undefined;
    if (sent === due) outgoing.end(this.#onSent);
    else if (!outgoing.destroyed) this.#sourceFailed(wrongLength(sent, due), false);
  }

  /** A request of which a byte is missing cannot be carried out; one that was sent whole may be. */
  #sourceFailed(cause: unknown, sentWhole: boolean): void {
    const phase = sentWhole ? "headers" : "request";
    this.#fail(new WireFailure({ code: "BodySourceFailed", phase, cause }));
  }

  readonly #onSent = (): void => {
    if (this.#phase !== "request") return;
    this.#phase = "headers";
    const { headersMs } = this.#request.timeouts;
    if (headersMs > 0) this.#timer = setTimeout(this.#onLate, headersMs);
  };

  readonly #onLate = (): void => {
    this.#fail(new WireFailure({ code: this.#lateCode(), phase: this.#phase }));
  };

  #lateCode(): ClientCode {
    if (this.#phase === "headers") return "HeadersTimeout";
    // The agent gives a socket, connected or not, as soon as there may be one more.
    return this.#socket === undefined ? "PoolTimeout" : "ConnectTimeout";
  }

  readonly #onIdle = (): void => {
    // The waits for a connection and for an answer have timers of their own.
    if (this.#phase === "request")
      this.#fail(new WireFailure({ code: "IdleTimeout", phase: "request" }));
    else if (this.#phase === "body" && this.#response !== undefined)
      this.#onIdleBody(this.#response);
  };

  #onIdleBody(body: IncomingMessage): void {
    if (body.readableFlowing === true || body.readableLength === 0) {
      if (!body.complete) this.#fail(new WireFailure({ code: "IdleTimeout", phase: "body" }));
      return;
    }
    // The caller is the one who is late. The connection is lent for a while, not given away.
    const now = performance.now();
    const bytesRead = this.#socket?.bytesRead ?? 0;
    if (this.#unread?.bytesRead !== bytesRead) this.#unread = { since: now, bytesRead };
    const left = this.#unread.since + unreadMs - now;
    if (left > 0) this.#socket?.setTimeout(Math.ceil(left));
    else this.#fail(new WireFailure({ code: "BodyUnread", phase: "body" }));
  }

  readonly #onAbort = (): void => {
    const cause: unknown = this.#request.signal?.reason;
    this.#fail(new WireFailure({ code: "Aborted", phase: this.#phase, cause }));
  };

  #fail(failure: WireFailure): void {
    this.#failure ??= failure;
    this.#stopTimer();
    this.#waiter.reject(this.#failure);
    this.#response?.destroy(this.#failure);
    this.#outgoing?.destroy();
  }

  readonly #onError = (error: Error): void => {
    // Whatever becomes of the connection now, the answer is here.
    if (this.#response?.complete === true) return;
    // Node adds what the server sent, and that may repeat what nobody may log.
    Reflect.deleteProperty(error, "rawPacket");
    const reused = this.#outgoing?.reusedSocket === true;
    this.#fail(new WireFailure({ code: codeOf(error), phase: this.#phase, reused, cause: error }));
  };

  readonly #onEnd = (): void => {
    // An answer that came before the whole request was sent: what is left of it would be read as the next.
    if (this.#outgoing?.writableFinished !== true) this.#outgoing?.destroy();
  };

  readonly #onClose = (): void => {
    this.#waiter.over(this);
    if (this.#response === undefined && this.#failure === undefined)
      this.#fail(unanswered(this.#phase));
    // A source that is being waited for would hold what it holds for as long as it likes.
    this.#source?.return?.().catch(ignore);
    this.#stopTimer();
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
    this.#socket?.removeListener("timeout", this.#onIdle);
  };

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** Only `set-cookie` comes as a list. */
function plain(headers: IncomingHttpHeaders): ResponseHeaders {
  if (isPlain(headers)) return headers;
  return { ...headers, "set-cookie": undefined };
}

function isPlain(headers: IncomingHttpHeaders): headers is IncomingHttpHeaders & ResponseHeaders {
  return headers["set-cookie"] === undefined;
}

function ignore(): void {}

function drained(outgoing: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.removeListener("drain", done);
      outgoing.removeListener("close", done);
      resolve();
    };
    outgoing.on("drain", done);
    outgoing.on("close", done);
  });
}

/** Node ends a connection that was to become another protocol's without calling that an error. */
function unanswered(phase: FailurePhase): WireFailure {
  const message = "The connection was given up by a server that did not answer.";
  return new WireFailure({ code: "MalformedResponse", phase, message });
}

function wrongLength(given: number, due: number): RangeError {
  return new RangeError(`the source gave ${given} bytes or more where ${due} were announced`);
}

function codeOf(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return error.code.startsWith("HPE_") ? "MalformedResponse" : error.code;
  }
  return "MalformedResponse";
}
