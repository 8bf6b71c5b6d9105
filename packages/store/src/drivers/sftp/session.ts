import { once } from "node:events";
import type { Socket } from "node:net";
import type { Client, SFTPWrapper } from "ssh2";
import { DriverFailure, type Failure } from "../../errors/driver-failure.ts";
import { statusOf } from "./status.ts";

const endTimeoutMs = 1000;

/** How the answer to a request comes. */
type Answer<T> = (error: Error | null | undefined, value: T) => void;

/** How the answer to a request comes that is answered by yes or no. */
type Acknowledgement = (error?: Error | null) => void;

/** The connection ended before the answer came. */
export class ConnectionLost extends DriverFailure {}

/** What a session stands on. */
interface SessionOptions {
  readonly socket: Socket;
  readonly client: Client;
  readonly sftp: SFTPWrapper;
  readonly replyTimeoutMs: number;
}

/**
 * One connection with its SFTP channel. Every request is answered or fails: with the server's status, or as lost when the
 * connection ends or the server owes answers and gives none in time.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #listeners = new Set<(lost: ConnectionLost) => void>();
  #lost: ConnectionLost | undefined;
  #timer: NodeJS.Timeout | undefined;
  #answersOwed = 0;
  #handles = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { client, sftp } = options;
    const end = (cause?: unknown): void => this.lose({ kind: "unavailable", cause });
    client.on("close", end).on("end", end).on("error", end);
    sftp.on("close", end).on("end", end).on("error", end);
  }

  /** Why it has ended, once it has. */
  get lost(): ConnectionLost | undefined {
    return this.#lost;
  }

  /** Whether nothing is asked, nothing is open and nobody listens. */
  get isIdle(): boolean {
    return this.#answersOwed === 0 && this.#handles === 0 && this.#listeners.size === 0;
  }

  /** Calls back when the connection is lost, or at once if it is; what it gives takes that back. */
  onLost(listener: (lost: ConnectionLost) => void): () => void {
    if (this.#lost === undefined) this.#listeners.add(listener);
    else listener(this.#lost);
    return () => void this.#listeners.delete(listener);
  }

  /** Sends a request for something. */
  ask<T>(send: (sftp: SFTPWrapper, answer: Answer<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const forget = this.onLost(reject);
      if (this.#lost !== undefined) return;
      this.#answersOwed += 1;
      this.#timer ??= setTimeout(this.#giveUp, this.#options.replyTimeoutMs);
      const settle = (): void => {
        forget();
        this.#answersOwed -= 1;
        if (this.#answersOwed > 0) return void this.#timer?.refresh();
        clearTimeout(this.#timer);
        this.#timer = undefined;
      };
      try {
        send(this.#options.sftp, (error, value) => {
          settle();
          if (error === null || error === undefined) resolve(value);
          else reject(statusOf(error) === undefined ? this.#ended(error) : error);
        });
      } catch (cause) {
        // The library throws where the server has not the extension that is asked for.
        settle();
        reject(new DriverFailure({ kind: "unsupported", cause }));
      }
    });
  }

  /** Sends a request that is done or not. */
  tell(send: (sftp: SFTPWrapper, answer: Acknowledgement) => void): Promise<void> {
    return this.ask((sftp, answer) => send(sftp, (error) => answer(error, undefined)));
  }

  /** Opens something of the server's, which is to be closed. */
  async open(send: (sftp: SFTPWrapper, answer: Answer<Buffer>) => void): Promise<Buffer> {
    const handle = await this.ask(send);
    this.#handles += 1;
    return handle;
  }

  /** Closes what was opened. */
  close(handle: Buffer): Promise<void> {
    this.#handles -= 1;
    return this.tell((sftp, answer) => sftp.close(handle, answer));
  }

  /** Takes leave of the server, which has a moment for it, and ends the connection. */
  async end(): Promise<void> {
    const { client, socket } = this.#options;
    client.end();
    const signal = AbortSignal.timeout(endTimeoutMs);
    if (!socket.closed) await once(socket, "close", { signal }).catch(ignore);
    this.lose({ kind: "closed" });
  }

  /** Ends the connection. Whoever waits for an answer fails with this. */
  lose(failure: Failure): void {
    if (this.#lost !== undefined) return;
    this.#lost = new ConnectionLost(failure);
    clearTimeout(this.#timer);
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    this.#options.socket.destroy();
    for (const listener of listeners) listener(this.#lost);
  }

  readonly #giveUp = (): void => {
    this.lose({ kind: "timeout", message: "The server owes an answer and gives none." });
  };

  /** The library answers by itself when the channel has ended, and does not say so by a code. */
  #ended(cause: Error): ConnectionLost {
    const failure = { kind: "unavailable", cause } as const;
    this.lose(failure);
    return this.#lost ?? new ConnectionLost(failure);
  }
}

function ignore(): void {}
