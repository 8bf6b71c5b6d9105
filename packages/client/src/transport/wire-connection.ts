import type { Socket } from "node:net";
import type { AnswerHead } from "./answer-head.ts";
import { AnswerParser, type AnswerReceiver } from "./answer-parser.ts";
import { BodyPump } from "./body-pump.ts";
import type { Exchange } from "./exchange.ts";
import { MalformedAnswer } from "./malformed-answer.ts";
import { ReadBuffer } from "./read-buffer.ts";
import type { SocketOpener } from "./open-socket.ts";
import type { SpareBuffers } from "./spare-buffers.ts";
import type { BodyPieces } from "./transport.ts";

/** What keeps connections for the next request. */
interface Keeper {
  /** Its answer is whole, and it can be used again. */
  free(connection: WireConnection): void;
  /** It is of no more use. */
  gone(connection: WireConnection): void;
  /** It is to be looked at then, in milliseconds of `performance.now()`. */
  note(at: number): void;
}

/** Up to here a body is copied behind its head, to be one packet and one call of the system, in bytes. */
const joinedBytesMax = 32 * 1024;
/** Of a server that says when it drops connections, this much earlier, in milliseconds: requests take time to get there. */
const hintMarginMs = 1_000;

/** One connection, from its opening to its end, lent to one exchange after another. */
export class WireConnection implements AnswerReceiver {
  readonly #keeper: Keeper;
  readonly #socket: Socket;
  readonly #parser = new AnswerParser(this);
  readonly #spare: SpareBuffers;
  readonly #buffer: ReadBuffer;
  #exchange: Exchange | undefined;
  #isDead = false;
  /** Whether the whole request has been handed to the system. */
  #isSent = false;
  #isPaused = false;
  /** Whether what comes now was read together with the end of an answer, before the next request was on its way. */
  #isFollowing = false;
  #keeps = false;
  #served = 0;
  #failure: Error | undefined;
  /** What the server said that it keeps a connection for, in milliseconds. */
  #hintMs = Infinity;
  #idleUntil = Infinity;

  /** Opens one for an exchange. */
  constructor(
    keeper: Keeper,
    opener: SocketOpener,
    { exchange, secure, spare }: { exchange: Exchange; secure: boolean; spare: SpareBuffers },
  ) {
    this.#keeper = keeper;
    this.#spare = spare;
    this.#buffer = new ReadBuffer(spare);
    const socket = opener.open({ buffer: this.#buffer.next, callback: this.#onRead });
    this.#socket = socket;
    this.#exchange = exchange;
    exchange.assigned(this);
    socket.on(secure ? "secureConnect" : "connect", this.#onConnect);
    socket.on("error", (error) => (this.#failure ??= error));
    socket.on("timeout", this.#onStuck);
    socket.on("end", this.#onEnd);
    socket.on("close", this.#onClose);
  }

  /** When it is to be looked at, in milliseconds of `performance.now()`. */
  get deadline(): number {
    return this.#exchange?.deadline ?? this.#idleUntil;
  }

  /** Whether another request can be sent on it now. */
  isUsable(now: number): boolean {
    return !this.#isDead && this.#socket.writable && now < this.#idleUntil;
  }

  /** Ends what is late. */
  late(): void {
    if (this.#exchange === undefined) this.destroy();
    else this.#exchange.late();
  }

  /** Lends it, open and idle, to another exchange. */
  lend(exchange: Exchange): void {
    this.#socket.ref();
    this.#exchange = exchange;
    exchange.assigned(this);
    this.#start(exchange);
  }

  /** Sends a request of which all bytes are at hand. */
  write(head: string, body: Uint8Array | undefined): void {
    const socket = this.#socket;
    if (body === undefined || body.byteLength === 0) {
      socket.write(head, "latin1", this.#onWritten);
    } else if (body.byteLength <= joinedBytesMax) {
      const bytes = Buffer.allocUnsafe(head.length + body.byteLength);
      bytes.write(head, 0, "latin1");
      bytes.set(body, head.length);
      socket.write(bytes, this.#onWritten);
    } else {
      socket.cork();
      socket.write(head, "latin1");
      socket.write(body, this.#onWritten);
      socket.uncork();
    }
    // Mostly the system takes it at once.
    if (socket.writableLength === 0) this.#onWritten();
    else this.#watchWriting();
  }

  /** Sends a head now, and what follows as the pump gets it. `finish` has to be called in the end. */
  pump(head: string, body: BodyPieces, due: number): BodyPump {
    this.#watchWriting();
    this.#socket.write(head, "latin1");
    return new BodyPump(this.#socket, body, due);
  }

  /** The request is over once what was written is. */
  finish(): void {
    if (this.#socket.writableLength === 0) this.#onWritten();
    else this.#socket.write("", this.#onWritten);
  }

  /** The body's reader has done with a piece before it asks for the next. */
  reuse(): void {
    // Over TLS what was taken off the wire is given in spite of a pause.
    if (!("encrypted" in this.#socket)) this.#buffer.reuse();
  }

  /** Whether nothing is read until the body's reader asks for it. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Goes on reading where a slow reader had stopped it. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  /** Ends it, and the exchange that has it, since the client is closed. */
  close(): void {
    if (this.#exchange === undefined) this.destroy();
    else this.#exchange.closed();
  }

  /** Ends it now. */
  destroy(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#exchange = undefined;
    this.#parser.stop();
    this.#buffer.rest();
    this.#socket.destroy();
    this.#keeper.gone(this);
  }

  onHead(head: AnswerHead): void {
    const { keeps, headers, framing } = head;
    this.#keeps = keeps;
    if (keeps) this.#hintMs = hintOf(headers["keep-alive"]);
    this.#buffer.expect(framing);
    this.#exchange?.onHead(head);
  }

  onPiece(bytes: Buffer): void {
    const takesMore = this.#exchange?.onPiece(this.#buffer.kept(bytes));
    if (takesMore === false || this.#buffer.isReused) this.#isPaused = true;
  }

  onEnd(isFollowed: boolean): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#served += 1;
    // Over TLS what was read before the pause may hold the end.
    this.resume();
    const reused = this.#buffer.rest();
    // Of a request that was not sent whole the rest would be read as the next one.
    if (this.#keeps && this.#isSent && !isFollowed && this.#socket.writable) this.#idle(exchange);
    else this.destroy();
    exchange?.ended(reused && (() => this.#spare.give(reused)));
  }

  #idle(exchange: Exchange | undefined): void {
    this.#isFollowing = true;
    setImmediate(this.#onTurn);
    const idleMs = exchange?.request.timeouts.idleMs ?? 0;
    const keptMs = exchange?.request.keptMs ?? idleMs;
    this.#idleUntil = performance.now() + Math.min(keptMs > 0 ? keptMs : Infinity, this.#hintMs);
    this.#keeper.note(this.#idleUntil);
    // What nobody uses keeps no process alive.
    this.#socket.unref();
    this.#keeper.free(this);
  }

  #start(exchange: Exchange): void {
    this.#isSent = false;
    this.#parser.expect(exchange.request.method);
    exchange.connected(this);
  }

  readonly #onConnect = (): void => {
    if (this.#exchange !== undefined) this.#start(this.#exchange);
  };

  readonly #onTurn = (): void => {
    this.#isFollowing = false;
  };

  readonly #onRead = (count: number): boolean => {
    const bytes = this.#buffer.taken(count);
    if (this.#exchange === undefined) {
      // Nothing was asked, so nothing that comes can be believed.
      this.destroy();
      return true;
    }
    if (this.#isFollowing) {
      this.#break("MalformedResponse", new MalformedAnswer(followed));
      return true;
    }
    this.#exchange.moved();
    try {
      this.#parser.read(bytes);
    } catch (error) {
      if (!(error instanceof MalformedAnswer)) throw error;
      this.#break("MalformedResponse", error);
    }
    return this.#isDead || !this.#isPaused;
  };

  /** The system has taken all of the request. */
  readonly #onWritten = (): void => {
    const exchange = this.#exchange;
    // Of a socket that broke Node says that all is written, before it says that it broke.
    if (exchange === undefined || this.#isSent || this.#socket.destroyed) return;
    this.#isSent = true;
    if (this.#socket.timeout !== undefined && this.#socket.timeout > 0) this.#socket.setTimeout(0);
    exchange.sent();
  };

  /** A large request moves as long as the system takes any of it, which only the socket itself sees. */
  #watchWriting(): void {
    const idleMs = this.#exchange?.request.timeouts.idleMs ?? 0;
    if (idleMs > 0) this.#socket.setTimeout(idleMs);
  }

  readonly #onStuck = (): void => {
    const exchange = this.#exchange;
    if (exchange?.phase !== "request") return;
    if (exchange.isStarved) this.#watchWriting();
    else exchange.late();
  };

  readonly #onEnd = (): void => {
    if (this.#isDead || this.#parser.close()) return;
    const error = Object.assign(new Error(hangUp), { code: "ECONNRESET" });
    // A clean end before the body's own is a short body, whatever closed the connection.
    const isShort = this.#exchange?.phase === "body";
    this.#break(isShort ? "TruncatedBody" : "ECONNRESET", error);
  };

  readonly #onClose = (): void => {
    if (this.#isDead) return;
    const error = this.#failure ?? Object.assign(new Error(hangUp), { code: "ECONNRESET" });
    this.#break(codeOf(error), error);
  };

  #break(code: string, cause: unknown): void {
    this.#exchange?.broke(code, cause, this.#served > 0);
    this.destroy();
  }
}

const followed = "The answer is refused: it came before its request.";
const hangUp = "The connection was closed by the other side.";

/** Errors of a socket, of TLS and of name resolution all have one. */
function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "ECONNRESET";
}

/** What a server says of how long it keeps a connection, less the time that a request may take. */
function hintOf(value: string | undefined): number {
  const [, seconds] = /(?:^|[,\s])timeout=(\d{1,9})\b/i.exec(value ?? "") ?? [];
  if (seconds === undefined) return Infinity;
  const ms = Number(seconds) * 1000;
  return Math.max(ms - hintMarginMs, ms / 2);
}
