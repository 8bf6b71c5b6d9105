import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { s3Error } from "@holdfast/protocol";
import { answerOnSocket } from "./socket-answer.ts";
import type { ConnectionBudget } from "./descriptors.ts";
import { newRequestId } from "./request-id.ts";

/** A refused client that has sent no request after this long is answered all the same, and let go. */
const farewellMs = 3000;

/**
 * Keeps the number of connections below what the process has descriptors for. One too many is told so
 * and closed; without an answer only goes who comes faster than answers can be taken.
 */
export class Crowd {
  readonly #budget: ConnectionBudget;
  readonly #hostId: string;
  readonly #refused = new WeakSet<Socket>();
  #refusing = 0;
  /** Connections that are served at this moment. */
  served = 0;
  /** Connections refused since the start. */
  refusals = 0;

  constructor(budget: ConnectionBudget, hostId: string) {
    this.#budget = budget;
    this.#hostId = hostId;
  }

  /** The most that are served at a time. */
  get servedMax(): number {
    return this.#budget.served;
  }

  /** The most that are open at a time, those that are being refused among them. */
  get openMax(): number {
    return this.#budget.served + this.#budget.refused;
  }

  arrive(socket: Socket): void {
    if (this.served < this.#budget.served) {
      this.served += 1;
      socket.once("close", () => {
        this.served -= 1;
      });
      return;
    }
    this.refusals += 1;
    if (this.#refusing >= this.#budget.refused) {
      // Its descriptor is needed now.
      this.#dismiss(socket);
      return;
    }
    this.#refused.add(socket);
    this.#refusing += 1;
    const farewell = setTimeout(() => this.#dismiss(socket), farewellMs);
    socket.once("close", () => {
      clearTimeout(farewell);
      this.#refusing -= 1;
    });
  }

  /** The answer is written at once, and may be lost with a reset where a request was not read. */
  #dismiss(socket: Socket): void {
    const hostId = this.#hostId;
    if (socket.writable) answer(socket, { hostId, hasDocument: false });
    socket.destroy();
  }

  /** Answers the first request of a connection that was one too many; false for any other. */
  turnsAway(request: IncomingMessage): boolean {
    const { socket, method } = request;
    if (!this.#refused.has(socket)) return false;
    const hostId = this.#hostId;
    const hasDocument = method !== "HEAD";
    if (socket.writable) answer(socket, { hostId, hasDocument });
    // Bytes that nobody reads would make a reset of the close, and that can overtake the answer.
    request.resume();
    return true;
  }
}

function answer(
  socket: Socket,
  how: { readonly hostId: string; readonly hasDocument: boolean },
): void {
  const tooMany = s3Error("ServiceUnavailable", undefined, {
    reason: "too_many_connections",
    headers: { "retry-after": "1" },
  });
  answerOnSocket(tooMany, socket, { requestId: newRequestId(), ...how });
}
