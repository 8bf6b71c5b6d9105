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

  constructor(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) {
    this.incoming = new IncomingBody(request, response, expectsContinue);
  }
}
