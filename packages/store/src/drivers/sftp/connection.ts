import { randomUUID } from "node:crypto";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { untilAborted } from "../../kernel/until-aborted.ts";
import { connect } from "./connect.ts";
import type { SftpDriverOptions } from "./options.ts";
import { Requests } from "./requests.ts";
import { ConnectionLost, type Session } from "./session.ts";
import { failureOfStatus } from "./status.ts";

/** For what is done after the caller has been told, or when nobody waits for it any more. */
const partingMs = 2000;

/** Takes back what a call left on the server. */
export type Residue = (requests: Requests) => Promise<void>;

/** A call that writes; it ends early with what it is made to fail with. */
type Write<T> = (requests: Requests, fail: (error: unknown) => void) => Promise<T>;

/**
 * The one connection of a driver: made when it is first needed and again after it broke. Before anyone uses a new one,
 * what the last one left behind is taken away.
 */
export class Connection {
  readonly #options: SftpDriverOptions;
  readonly #closing = new AbortController();
  readonly #residue = new Set<Residue>();
  /** With how to end them. */
  readonly #writes = new Map<Promise<unknown>, (error: unknown) => void>();
  #opening: Promise<Session> | undefined;
  #session: Session | undefined;
  #isUsed = false;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: SftpDriverOptions) {
    this.#options = options;
  }

  /**
   * Does what changes nothing. If the connection was there before and turns out to be dead, it is done again on a new
   * one: an idle connection often dies unnoticed.
   */
  async look<T>(
    signal: AbortSignal | undefined,
    work: (requests: Requests) => Promise<T>,
  ): Promise<T> {
    const earlier = this.#session;
    const session = await this.#current(signal);
    try {
      return await work(new Requests(session, signal));
    } catch (error) {
      const isDead = error instanceof ConnectionLost && error.kind === "unavailable";
      if (!isDead || session !== earlier) throw error;
      return work(new Requests(await this.#current(signal), signal));
    }
  }

  /** Does what writes, on the connection that was looked with. It is ended early by the signal, and when all is closed. */
  write<T>({ session, signal }: Requests, work: Write<T>): Promise<T> {
    const stop = new AbortController();
    let failed: { readonly error: unknown } | undefined;
    const fail = (error: unknown): void => {
      failed ??= { error };
      stop.abort();
    };
    const abort = (): void => stop.abort(signal?.reason);
    if (signal?.aborted === true) abort();
    const forget = session.onLost(fail);
    signal?.addEventListener("abort", abort, { once: true });
    const written = work(new Requests(session, stop.signal), fail)
      .catch((error: unknown) => {
        throw failed === undefined || !isAborted(error) ? error : because(failed.error, error);
      })
      .finally(() => {
        this.#writes.delete(written);
        forget();
        signal?.removeEventListener("abort", abort);
      });
    this.#writes.set(written, fail);
    return written;
  }

  /** Takes something back that a failed call has left: now, if the connection is still there, else on the next. */
  async takeBack(session: Session, residue: Residue): Promise<void> {
    this.#residue.add(residue);
    await untilAborted(this.#clear(session), AbortSignal.timeout(partingMs)).catch(ignore);
  }

  /** Ends everything. What could not be taken back so far is tried once more, for a moment. */
  async close(): Promise<void> {
    for (const fail of this.#writes.values()) fail(new DriverFailure({ kind: "closed" }));
    await Promise.allSettled(this.#writes.keys());
    if (this.#residue.size > 0) {
      await this.#current(AbortSignal.timeout(partingMs)).catch(ignore);
    }
    this.#closing.abort();
    clearInterval(this.#idle);
    await this.#session?.end();
  }

  async #current(signal: AbortSignal | undefined): Promise<Session> {
    this.#isUsed = true;
    if (this.#session !== undefined && this.#session.lost === undefined) return this.#session;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return untilAborted(this.#opening, signal);
  }

  async #open(): Promise<Session> {
    const session = await connect(this.#options, this.#closing.signal);
    try {
      if (this.#options.server !== "sftp3") await requireExtensions(session);
      await this.#clear(session);
      if (this.#closing.signal.aborted) throw new DriverFailure({ kind: "closed" });
    } catch (error) {
      await session.end();
      throw error;
    }
    this.#session = session;
    this.#watch(session);
    return session;
  }

  async #clear(session: Session): Promise<void> {
    for (const residue of this.#residue) {
      await residue(new Requests(session));
      this.#residue.delete(residue);
    }
  }

  /** Ends a connection that nobody used from one look to the next. */
  #watch(session: Session): void {
    const { idleMs = 30_000 } = this.#options;
    clearInterval(this.#idle);
    if (idleMs === 0) return;
    this.#idle = setInterval(() => {
      if (!this.#isUsed && session.isIdle) {
        clearInterval(this.#idle);
        void session.end();
      }
      this.#isUsed = false;
    }, idleMs).unref();
  }
}

/** Refuses a server that cannot keep what the driver declares. Nothing has the name that is asked for. */
async function requireExtensions(session: Session): Promise<void> {
  const requests = new Requests(session);
  const nothing = `.holdfast-${randomUUID()}.tmp`;
  const tried = [requests.replace(nothing, nothing), requests.link(nothing, nothing)];
  for (const answer of await Promise.allSettled(tried)) {
    if (answer.status === "fulfilled") continue;
    const { reason }: { readonly reason: unknown } = answer;
    if (session.lost !== undefined) throw session.lost;
    const { kind } = failureOfStatus(reason);
    if (kind === "unavailable") throw reason;
    if (kind !== "unsupported") continue;
    const message =
      "The server lacks posix-rename@openssh.com or hardlink@openssh.com; " +
      'with the option server: "sftp3" the driver promises less and does without.';
    throw new DriverFailure({ kind: "unsupported", capability: "atomic_write", message });
  }
}

function isAborted(error: unknown): error is DriverFailure {
  return error instanceof DriverFailure && error.kind === "aborted";
}

/** Why a call was stopped; whether it may have happened is known where it was. */
function because(reason: unknown, { ambiguous }: DriverFailure): unknown {
  if (ambiguous !== true) return reason;
  const failure = failureOfStatus(reason);
  const { message, cause } = failure;
  return new DriverFailure({ ...failure, message, cause, ambiguous });
}

function ignore(): void {}
