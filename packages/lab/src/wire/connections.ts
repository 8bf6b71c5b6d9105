import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Who does not notice within this, in milliseconds, is cut off. */
const noticedMsMax = 500;

/** The connections of a server, and which of them a request is on. */
export class Connections {
  readonly #requests = new Map<Socket, number>();

  add(socket: Socket): void {
    this.#requests.set(socket, 0);
    socket.once("close", () => this.#requests.delete(socket));
  }

  /** A request came by this connection, and is over with its answer. */
  use(socket: Socket, response: ServerResponse): void {
    this.#count(socket, 1);
    response.once("close", () => this.#count(socket, -1));
  }

  /** Ends those that no request is on; resolves once they are closed on both sides. */
  async endIdle(): Promise<void> {
    const idle = [...this.#requests].filter(([, requests]) => requests === 0);
    await Promise.all(
      idle.map(async ([socket]) => {
        const closed = once(socket, "close", { signal: AbortSignal.timeout(noticedMsMax) });
        socket.end();
        await closed.catch(() => socket.destroy());
      }),
    );
  }

  #count(socket: Socket, more: number): void {
    const requests = this.#requests.get(socket);
    if (requests !== undefined) this.#requests.set(socket, requests + more);
  }
}
