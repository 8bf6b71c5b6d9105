import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { IncomingBody } from "./incoming-body.ts";
import { newRequestId } from "./request-id.ts";

/** One request under way, as far as it has come. */
export class Exchange {
  readonly requestId = newRequestId();
  readonly incoming: IncomingBody;
  /** `lingering`: the whole answer is written, and what the client still sends is being dropped. */
  phase: "reading" | "answering" | "lingering" | "done" = "reading";
  /** The connection ends with this answer. */
  isLast = false;

  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) {
    this.#response = response;
    this.incoming = new IncomingBody(request, response, expectsContinue);
  }

  /** Nothing of the answer is held in this process any more. */
  get hasLeft(): boolean {
    return this.phase === "done" && this.#response.closed;
  }

  /** Resolves once the system has taken the whole answer, or the connection is gone. */
  async left(): Promise<void> {
    if (!this.#response.closed) await once(this.#response, "close");
  }
}
