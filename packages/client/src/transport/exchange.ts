import { clientClosed } from "../errors/client-closed.ts";
import type { ClientCode } from "../errors/client-codes.ts";
import { WireFailure, type FailurePhase } from "../errors/wire-failure.ts";
import type { AnswerHead } from "./answer-head.ts";
import type { BodyPump } from "./body-pump.ts";
import { MalformedAnswer } from "./malformed-answer.ts";
import type { BodyPieces, TransportRequest, TransportResponse } from "./transport.ts";
import { WireBody } from "./wire-body.ts";
import type { WireConnection } from "./wire-connection.ts";

/** Whoever waits for an answer's head. */
interface Waiter {
  readonly resolve: (response: TransportResponse) => void;
  readonly reject: (failure: WireFailure) => void;
}

/** What an exchange has to do with as long as it lasts. */
interface Surroundings {
  readonly waiter: Waiter;
  /** Where it waits until it has a connection. */
  readonly queue: { leave(exchange: Exchange): void };
  readonly deadlines: { note(at: number): void };
}

/** How long a body may lie unread before its connection is taken back, in milliseconds. */
const unreadMs = 60_000;

/** Over TLS a body of more is sent piece by piece, so that it is seen to move, in bytes. */
const wholeBytesMax = 64 * 1024;

/** One request under way: knows in which phase it is, and ends when a limit of that phase passes. */
export class Exchange {
  readonly request: TransportRequest;
  /** The request's line and fields. */
  readonly head: string;
  readonly #around: Surroundings;
  #phase: FailurePhase = "connect";
  #connection: WireConnection | undefined;
  #body: WireBody | undefined;
  #pump: BodyPump | undefined;
  #isOver = false;
  #isUnread = false;
  #deadline = Infinity;

  constructor(request: TransportRequest, head: string, around: Surroundings) {
    this.request = request;
    this.head = head;
    this.#around = around;
  }

  /** When the phase has to be over, in milliseconds of `performance.now()`. */
  get deadline(): number {
    return this.#deadline;
  }

  get phase(): FailurePhase {
    return this.#phase;
  }

  /** Whether all that is missing of the request is missing from its source, which is waited for. */
  get isStarved(): boolean {
    return this.request.isPatient === true && this.#pump?.isStarved === true;
  }

  /** False if its caller wants it no more. */
  begin(): boolean {
    const { signal, timeouts } = this.request;
    if (signal?.aborted === true) {
      this.handleEvent();
      return false;
    }
    signal?.addEventListener("abort", this);
    this.#limit(timeouts.connectMs);
    return true;
  }

  /** It has this connection to itself, be that open or not yet. */
  assigned(connection: WireConnection): void {
    this.#connection = connection;
  }

  /** The connection is open: what is small enough is handed over whole. */
  connected(connection: WireConnection): void {
    this.#phase = "request";
    this.#deadline = Infinity;
    const { body, secure } = this.request;
    if (body === undefined) connection.write(this.head, body);
    else if (!(body instanceof Uint8Array)) void this.#send(body, connection);
    else if (secure && body.byteLength > wholeBytesMax) void this.#send(inOne(body), connection);
    else if (body.byteLength === this.#due) connection.write(this.head, body);
    else this.#sourceFailed(new RangeError("the body's length changed while it waited"), "connect");
  }

  /** The request's last byte is on its way. */
  sent(): void {
    this.#pump = undefined;
    if (this.#phase !== "request") return;
    this.#phase = "headers";
    this.#limit(this.request.timeouts.headersMs);
  }

  /** Bytes of the answer have come. */
  moved(): void {
    if (this.#phase !== "body") return;
    this.#isUnread = false;
    this.#limit(this.request.timeouts.idleMs);
  }

  /** Throws a `MalformedAnswer` for one that cannot be true. */
  onHead({ status, headers, fields }: AnswerHead): void {
    // Whether the system has taken all is not known over TLS; whether it was handed over is.
    if (status < 300 && this.#pump?.isSentWhole === false) {
      MalformedAnswer.refuse("it is a success of a request that was not sent whole");
    }
    this.#phase = "body";
    this.#pump?.stop();
    this.#body = new WireBody(this);
    this.#around.waiter.resolve({ status, headers, fields, body: this.#body });
    this.moved();
  }

  /** False when more should wait. */
  onPiece(bytes: Buffer): boolean {
    return this.#body?.give(bytes) ?? true;
  }

  /** The answer is whole; `release` is to be called once its reader has done with all of it. */
  ended(release?: () => void): void {
    this.#settle();
    this.#body?.end(release);
  }

  /** The connection is of no more use; what it failed with, if it did. */
  broke(code: string, cause: unknown, reused: boolean): void {
    this.end(new WireFailure({ code, phase: this.#phase, reused, cause }));
  }

  /** A body's reader waits. */
  wanted(): void {
    this.moved();
    this.#connection?.resume();
  }

  /** A body's reader has done with a piece before it asks for the next. */
  reused(): void {
    this.#connection?.reuse();
  }

  /** A body's reader is gone. */
  unwanted(): void {
    if (this.#isOver) return;
    this.#settle();
    this.#connection?.destroy();
  }

  /** Its caller has given up. */
  handleEvent(): void {
    const cause: unknown = this.request.signal?.reason;
    this.end(new WireFailure({ code: "Aborted", phase: this.#phase, cause }));
  }

  /** Its client was closed. */
  closed(): void {
    this.end(clientClosed(this.#phase));
  }

  /** The deadline has passed. */
  late(): void {
    if (this.#phase !== "body") {
      this.end(new WireFailure({ code: this.#lateCode(), phase: this.#phase }));
    } else if (this.#body?.isUnread !== true && this.#connection?.isPaused !== true) {
      this.end(new WireFailure({ code: "IdleTimeout", phase: "body" }));
    } else if (this.request.isPatient === true) {
      this.#limit(this.request.timeouts.idleMs);
    } else if (this.#isUnread) {
      this.end(new WireFailure({ code: "BodyUnread", phase: "body" }));
    } else {
      // The caller is the one who is late. The connection is lent for a while, not given away.
      this.#isUnread = true;
      this.#limit(unreadMs);
    }
  }

  /** Ends it, whatever it waits for, with this failure. */
  end(failure: WireFailure): void {
    if (this.#isOver) return;
    this.#settle();
    if (this.#connection === undefined) this.#around.queue.leave(this);
    this.#connection?.destroy();
    this.#around.waiter.reject(failure);
    this.#body?.fail(failure);
  }

  /** How long the body was announced to be, in bytes. */
  get #due(): number {
    return Number(this.request.headers["content-length"]);
  }

  #lateCode(): ClientCode {
    if (this.#phase === "headers") return "HeadersTimeout";
    if (this.#phase === "request") return "IdleTimeout";
    return this.#connection === undefined ? "PoolTimeout" : "ConnectTimeout";
  }

  async #send(body: BodyPieces, connection: WireConnection): Promise<void> {
    const pump = connection.pump(this.head, body, this.#due);
    this.#pump = pump;
    const went = await pump.run();
    if (went === "stopped" || this.#isOver) return;
    if (went === "done") {
      connection.finish();
      return;
    }
    // A request of which a byte is missing cannot be carried out; one that was sent whole may be.
    const phase = went.sentWhole ? "headers" : "request";
    this.#sourceFailed(went.cause, phase);
  }

  #sourceFailed(cause: unknown, phase: FailurePhase): void {
    this.end(new WireFailure({ code: "BodySourceFailed", phase, cause }));
  }

  #limit(ms: number): void {
    if (ms === 0) {
      this.#deadline = Infinity;
      return;
    }
    this.#deadline = performance.now() + ms;
    this.#around.deadlines.note(this.#deadline);
  }

  /** Nothing is waited for, listened to or read any more. */
  #settle(): void {
    this.#isOver = true;
    this.#deadline = Infinity;
    this.request.signal?.removeEventListener("abort", this);
    this.#pump?.stop();
  }
}

/** Bytes at hand as a source. */
async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
