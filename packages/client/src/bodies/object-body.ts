import { WireFailure } from "../errors/wire-failure.ts";
import type { Course } from "../request/course.ts";
import { LinkedSignal } from "../resilience/linked-signal.ts";
import type { TransportResponse } from "../transport/transport.ts";
import { ExpectedChecksum } from "./expected-checksum.ts";
import { ReadOnceBody } from "./read-once-body.ts";
import { lengthOf, rangeOf, type SentRange } from "./sent-range.ts";

/** What a body needs to go on where a connection broke. */
export interface ObjectBodyOptions {
  readonly course: Course;
  /** Waits, then asks for the rest. Rejects with the last failure where no further try is worth it. */
  readonly resume: (course: Course, failure: WireFailure, rest: Rest) => Promise<TransportResponse>;
  /** Told when all bytes have come, and by more than one request. */
  readonly resumed: (course: Course) => void;
  /** Makes the public error of what ended it. */
  readonly toError: (failure: WireFailure) => Error;
}

/** What is asked for after a break. */
interface Rest {
  readonly headers: Readonly<Record<string, string>>;
  /** Whether anything came since the break before. */
  readonly progressed: boolean;
  /** Aborts with the caller's, and when nobody wants the rest any more. */
  readonly signal: AbortSignal;
}

/**
 * An object's bytes. What breaks off is fetched from there on, as long as the object stays the same; the checksum is
 * that of all bytes, however many connections they came by.
 */
export class ObjectBody extends ReadOnceBody {
  readonly #options: ObjectBodyOptions;
  readonly #range: SentRange | undefined;
  readonly #checksum: ExpectedChecksum | undefined;
  /** How many bytes the first answer announced, where it did. */
  readonly #due: number | undefined;
  #response: TransportResponse;
  #received = 0;
  #receivedBefore = 0;
  /** Ends what followed the first response; that one follows the caller's signal itself. */
  #link: LinkedSignal | undefined;
  /** Whether its reader wants no more of it. */
  #over = false;

  constructor(response: TransportResponse, options: ObjectBodyOptions) {
    super();
    this.#response = response;
    this.#options = options;
    this.#range = rangeOf(response);
    this.#checksum = ExpectedChecksum.of(response);
    this.#due = lengthOf(response);
    // Nobody has to read what is empty, so its connection waits for nobody.
    if (this.#due === 0) response.body.discard();
  }

  async bytes(): Promise<Uint8Array> {
    this.take();
    this.#checkSignal();
    const pieces: Buffer[] = [];
    try {
      let broken = await this.#collected(pieces);
      while (broken !== undefined) {
        await this.#goOn(broken);
        broken = await this.#collected(pieces);
      }
      this.#verify();
    } finally {
      this.#link?.end();
    }
    const [only] = pieces;
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces, this.#received);
  }

  protected async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#checkSignal();
    try {
      for (;;) {
        const broken = yield* this.#ofResponse();
        if (broken === undefined) break;
        await this.#goOn(broken);
      }
      this.#verify();
    } finally {
      this.#link?.end();
      this.#response.body.destroy();
    }
  }

  /** Bytes that have come already are not given to whoever has given up. */
  #checkSignal(): void {
    const { course, toError } = this.#options;
    const { signal } = course.call;
    if (signal?.aborted !== true) return;
    this.#response.body.destroy();
    throw toError(new WireFailure({ code: "Aborted", phase: "body", cause: signal.reason }));
  }

  /** The pieces of one response; returns what it broke with, or nothing at its end. */
  async *#ofResponse(): AsyncGenerator<Uint8Array, WireFailure | undefined, undefined> {
    if (this.#due === 0) return undefined;
    const { body } = this.#response;
    try {
      for (let piece = await body.next(); piece !== undefined; piece = await body.next()) {
        if (this.#exceeds(piece)) {
          body.destroy();
          return overlong();
        }
        this.#count(piece);
        yield piece;
      }
    } catch (error) {
      if (error instanceof WireFailure) return error;
      throw error;
    }
    return this.#shortfall();
  }

  /** Reads one response into `pieces`; resolves with what it broke with, or with nothing at its end. */
  #collected(pieces: Buffer[]): Promise<WireFailure | undefined> {
    const { body } = this.#response;
    if (this.#due === 0) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      body.pour({
        piece: (piece) => {
          if (this.#exceeds(piece)) {
            resolve(overlong());
            body.destroy();
            return;
          }
          this.#count(piece);
          pieces.push(piece);
        },
        end: () => resolve(this.#shortfall()),
        failed: resolve,
      });
    });
  }

  #exceeds(piece: Buffer): boolean {
    return this.#due !== undefined && this.#received + piece.length > this.#due;
  }

  /**
   * A range may be announced as longer than the body that carries it; then its end is no end. Where a body ends with its
   * connection, only a checksum tells it from one that broke off.
   */
  #shortfall(): WireFailure | undefined {
    if (this.#due === undefined) {
      const { headers } = this.#response;
      const isCertain = this.#checksum !== undefined || headers["transfer-encoding"] !== undefined;
      return isCertain ? undefined : endless();
    }
    if (this.#received >= this.#due) return undefined;
    return new WireFailure({ code: "TruncatedBody", phase: "body" });
  }

  #count(piece: Buffer): void {
    this.#received += piece.length;
    this.#checksum?.update(piece);
  }

  /** Puts another response in the place of the one that broke, or throws the public error. */
  async #goOn(failure: WireFailure): Promise<void> {
    const { course, resume, toError } = this.#options;
    if (this.#over) throw toError(unwanted());
    const headers = this.#range?.restFrom(this.#received);
    if (headers === undefined || !isBreak(failure)) throw toError(failure);
    try {
      const progressed = this.#received > this.#receivedBefore;
      this.#link?.end();
      this.#link = new LinkedSignal(course.call.signal);
      const { signal } = this.#link;
      const response = await resume(course, failure, { headers, progressed, signal });
      this.#receivedBefore = this.#received;
      this.#range?.checkRest(response, this.#received);
      this.#response = response;
    } catch (next) {
      if (!(next instanceof WireFailure)) throw next;
      throw toError(this.#over ? unwanted() : ofRest(next));
    }
  }

  protected end(): Promise<void> {
    this.#over = true;
    this.#link?.abort(undefined);
    this.#response.body.destroy();
    return Promise.resolve();
  }

  #verify(): void {
    const failure = this.#checksum?.verify();
    if (failure !== undefined) throw this.#options.toError(failure);
    if (this.#link !== undefined) this.#options.resumed(this.#options.course);
  }
}

/** Whether the connection failed and not the object, its reader, or its caller's patience. */
function isBreak({ fields }: WireFailure): boolean {
  return fields.code !== "Aborted" && fields.code !== "BodyUnread";
}

function overlong(): WireFailure {
  const message = "The body is longer than the range that it is said to be.";
  return new WireFailure({ code: "MalformedResponse", phase: "body", message });
}

function endless(): WireFailure {
  const message = "Nothing says where the body ends, so it may have broken off.";
  return new WireFailure({ code: "TruncatedBody", phase: "body", message });
}

/** For whoever still waits for bytes that another has disposed of. */
function unwanted(): WireFailure {
  return new WireFailure({ code: "Aborted", phase: "body" });
}

/** What it means for the whole that the rest was refused. */
function ofRest(failure: WireFailure): WireFailure {
  const { status, requestId, hostId } = failure.fields;
  const told = { status, requestId, hostId, phase: "body", cause: failure } as const;
  // If-Match failed: what follows would be the bytes of another object.
  if (status === 412) return new WireFailure({ ...told, code: "ModifiedDuringRead" });
  if (status !== 416) return failure;
  // The range is nothing that the caller asked for: it is the first answer that said there is more.
  const message = "The service announced more bytes than the object has.";
  return new WireFailure({ ...told, code: "MalformedResponse", message });
}
