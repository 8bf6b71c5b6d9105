import type { Dispatcher } from "undici";
import { AnswerBody } from "./answer-body.ts";
import { UpstreamFailure, type FailurePhase } from "./upstream-failure.ts";

/** The head of an upstream's answer, and its body as it comes. */
export interface Answer {
  readonly status: number;
  /** Name, value, name, value: one character for each byte, names in lower case. */
  readonly headers: readonly string[];
  readonly body: AnswerBody;
}

/** One request to an upstream, from its dispatch to the end of its answer. */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Rejects with an `UpstreamFailure`. */
  readonly answer: Promise<Answer>;
  #resolve: (answer: Answer) => void = () => {};
  #reject: (failure: UpstreamFailure) => void = () => {};
  #controller: Dispatcher.DispatchController | undefined;
  #phase: FailurePhase = "unsent";
  #isOver = false;
  #body: AnswerBody | undefined;

  readonly #onOver: () => void;

  /** `onOver` is called once, when nothing more comes of it. */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** A connection is there, and the request is about to leave. */
  get hasBegun(): boolean {
    return this.#phase !== "unsent";
  }

  /** Ends it wherever it is. */
  abort(reason: Error): void {
    if (this.#controller === undefined) this.#fail(reason);
    else this.#controller.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isOver || this.#controller !== undefined) {
      // Undici would send a request again whose connection went idle under it: whether it may is not its decision.
      controller.abort(new Error("a request is sent once, and not after its end"));
      return;
    }
    this.#controller = controller;
    this.#phase = "sent";
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    // Undici hands 1xx over as if they were answers.
    if (status < 200) return;
    this.#phase = "answering";
    this.#body = new AnswerBody(controller);
    this.#resolve({ status, headers: readRaw(controller.rawHeaders), body: this.#body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, piece: Buffer): void {
    this.#body?.push(piece);
  }

  onResponseEnd(): void {
    this.#body?.end();
    this.#finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    this.#fail(cause);
  }

  #finish(): void {
    if (!this.#isOver) this.#onOver();
    this.#isOver = true;
  }

  #fail(cause: Error): void {
    this.#finish();
    const failure = new UpstreamFailure(this.#phase, cause);
    if (this.#body === undefined) this.#reject(failure);
    else this.#body.fail(failure);
  }
}

function readRaw(raw: Dispatcher.DispatchController["rawHeaders"]): string[] {
  const headers: string[] = [];
  if (!Array.isArray(raw)) return headers;
  for (const [index, piece] of raw.entries()) {
    const text = typeof piece === "string" ? piece : piece.toString("latin1");
    headers.push(index % 2 === 0 ? text.toLowerCase() : text);
  }
  return headers;
}
