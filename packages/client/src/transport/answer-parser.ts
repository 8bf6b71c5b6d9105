import { headBytesMax, readAnswerHead, type AnswerHead } from "./answer-head.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { MalformedAnswer } from "./malformed-answer.ts";

/** Told of an answer as it is read. */
export interface AnswerReceiver {
  /** The head of the answer itself; informational ones before it are passed over. */
  onHead(head: AnswerHead): void;
  /** Bytes of the body; they lie in what was read, and are the receiver's only as long as that is. */
  onPiece(bytes: Buffer): void;
  /** All has come, and with `isFollowed` bytes that belong to nothing. Nothing more is told. */
  onEnd(isFollowed: boolean): void;
}

const headEnd = Buffer.from("\r\n\r\n");
const beginning = "HTTP/1.";
/** More than any server has reason to send; each has cost the time to read it. */
const informationalMax = 100;

/** Reads one answer after the other off a connection, each expected before it comes. Never guesses. */
export class AnswerParser {
  readonly #receiver: AnswerReceiver;
  #method = "";
  #stage: "nothing" | "head" | "length" | "chunked" | "until-close" = "nothing";
  /** Of a body with a length, in bytes. */
  #left = 0;
  #chunks: ChunkedBody | undefined;
  #informational = 0;
  /** A head of which the end has not come. */
  #held: Buffer | undefined;
  #heldBytes = 0;
  readonly #give = (piece: Buffer): void => this.#receiver.onPiece(piece);

  constructor(receiver: AnswerReceiver) {
    this.#receiver = receiver;
  }

  /** Whether an answer is expected, or is on its way. */
  get isReading(): boolean {
    return this.#stage !== "nothing";
  }

  /** The next answer is one to this method. */
  expect(method: string): void {
    this.#method = method;
    this.#stage = "head";
    this.#informational = 0;
    this.#heldBytes = 0;
  }

  /** Nothing of what comes is told any more. */
  stop(): void {
    this.#stage = "nothing";
    this.#held = undefined;
  }

  /** Throws a `MalformedAnswer`. */
  read(bytes: Buffer): void {
    let at = 0;
    while (this.#stage === "head") {
      at = this.#head(bytes, at);
      if (at === bytes.length) break;
    }
    if (at < bytes.length && this.#stage !== "nothing") this.#body(bytes, at);
  }

  /** The other side sends no more. True if that is where the answer ends. */
  close(): boolean {
    if (this.#stage !== "until-close") return false;
    this.#end(false);
    return true;
  }

  #body(bytes: Buffer, at: number): void {
    if (this.#stage === "length") {
      const end = Math.min(bytes.length, at + this.#left);
      this.#left -= end - at;
      this.#give(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
      if (this.#left === 0 && this.isReading) this.#end(end < bytes.length);
    } else if (this.#chunks !== undefined) {
      const end = this.#chunks.read(bytes, at, this.#give);
      if (this.#chunks.isOver && this.isReading) this.#end(end < bytes.length);
    } else {
      this.#give(bytes.subarray(at));
    }
  }

  /** Returns where the head ends in these bytes, or their end. */
  #head(bytes: Buffer, at: number): number {
    if (this.#heldBytes > 0) return this.#heldHead(bytes, at);
    const found = bytes.indexOf(headEnd, at);
    if (found === -1) {
      this.#hold(bytes, at);
      return bytes.length;
    }
    const end = found + headEnd.length;
    if (end - at > headBytesMax) MalformedAnswer.refuse("its head is too long");
    this.#headWas(bytes.toString("latin1", at, end), end < bytes.length);
    return end;
  }

  /** As `#head`, of one that has begun before. */
  #heldHead(bytes: Buffer, at: number): number {
    const before = this.#heldBytes;
    const held = this.#hold(bytes, at);
    const found = held.indexOf(headEnd, Math.max(0, before - headEnd.length + 1));
    if (found === -1) return bytes.length;
    const end = found + headEnd.length;
    const next = at + end - before;
    this.#heldBytes = 0;
    this.#headWas(held.toString("latin1", 0, end), next < bytes.length);
    return next;
  }

  /** Keeps what may be the head's. What cannot become a head any more is not waited for. */
  #hold(bytes: Buffer, at: number): Buffer {
    const before = this.#heldBytes;
    this.#held ??= Buffer.allocUnsafe(headBytesMax);
    this.#heldBytes += bytes.copy(this.#held, before, at);
    const held = this.#held.subarray(0, this.#heldBytes);
    if (held.includes(headEnd, Math.max(0, before - headEnd.length + 1))) return held;
    if (held.length === headBytesMax) MalformedAnswer.refuse("its head is too long");
    checkBegun(held, before);
    return held;
  }

  #headWas(text: string, isFollowed: boolean): void {
    const head = readAnswerHead(text, this.#method);
    if (head.status < 200) {
      this.#informational += 1;
      if (head.status === 101) MalformedAnswer.refuse("it switches to another protocol");
      if (this.#informational > informationalMax)
        MalformedAnswer.refuse("only informational ones came");
      return;
    }
    const { framing } = head;
    this.#held = undefined;
    this.#chunks = framing === "chunked" ? new ChunkedBody() : undefined;
    this.#left = typeof framing === "number" ? framing : 0;
    this.#stage = typeof framing === "number" ? "length" : framing;
    this.#receiver.onHead(head);
    if (framing === 0 && this.isReading) this.#end(isFollowed);
  }

  #end(isFollowed: boolean): void {
    this.stop();
    this.#receiver.onEnd(isFollowed);
  }
}

/** Looks at what came after the first `before` bytes of a head. */
function checkBegun(held: Buffer, before: number): void {
  if (before < beginning.length) {
    const begun = held.toString("latin1", 0, Math.min(held.length, beginning.length));
    if (!beginning.startsWith(begun)) MalformedAnswer.refuse("it is not HTTP/1.1");
  }
  const text = held.toString("latin1", Math.max(0, before - 1));
  if (/[^\r]\n|\r(?!\n|$)|\0/.test(text)) MalformedAnswer.refuse("its head is not HTTP's");
}
