import { clientClosed } from "../errors/client-closed.ts";
import type { WireFailure } from "../errors/wire-failure.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { credentialsUnavailable } from "./credentials-unavailable.ts";
import { sameKeys } from "./same-keys.ts";
import { guardCredentials } from "./guarded-credentials.ts";
import { failureBehind } from "./provider-failure.ts";
import { waitFor } from "./wait-for.ts";

/** Settings of a cache of credentials. */
export interface CredentialCacheOptions {
  /** The time in milliseconds since 1970, by a clock that agrees with the service's; `Date.now` by default. */
  readonly now?: (() => number) | undefined;
  /** How long the provider may take before it is given up, in milliseconds: 60,000 by default. */
  readonly refreshTimeoutMs?: number | undefined;
}

const earlyMs = 300_000;
// However short-lived the credentials are and however often it fails, the provider is asked no more often than this.
const pauseMs = 10_000;
const forcedPauseMs = 1000;

/** Keeps what a provider found and asks it again 5 minutes before that expires, once for all who wait. */
export class CredentialCache {
  readonly #provider: CredentialProvider;
  readonly #now: () => number;
  readonly #refreshTimeoutMs: number;
  #held: Credentials | undefined;
  /** When the provider is to be asked again; never later than the expiration of what is held. */
  #freshUntil = -Infinity;
  #refreshing: Promise<Credentials> | undefined;
  #forcing = false;
  /** Whether what is held came of a forced refresh. */
  #forced = false;
  /** When the last forced refresh ended, on the monotonic clock. */
  #forcedAt = -Infinity;
  #closed = false;
  /** Ends the wait for a provider that is being asked. */
  #giveUp: ((reason: WireFailure) => void) | undefined;

  /** Credentials themselves are held from the start; those that can sign nothing throw here. */
  constructor(source: Credentials | CredentialProvider, options: CredentialCacheOptions = {}) {
    this.#provider = typeof source === "function" ? source : () => Promise.resolve(source);
    this.#now = options.now ?? ((): number => Date.now());
    this.#refreshTimeoutMs = options.refreshTimeoutMs ?? 60_000;
    if (typeof source !== "function") this.#hold(guardCredentials(source));
  }

  /** Credentials to sign with right now, or undefined when `get` has to be asked. */
  get current(): Credentials | undefined {
    // Those that last need no look at the clock.
    if (this.#freshUntil === Infinity || this.#now() < this.#freshUntil) return this.#held;
    return undefined;
  }

  /**
   * Credentials that hold. Waits for the provider only when there are none: those about to expire are used while
   * others are on the way, and as long as none come. The signal ends this wait, not the refresh.
   */
  async get(signal?: AbortSignal): Promise<Credentials> {
    const held = this.#held;
    if (held === undefined || !this.#holds(held)) return waitFor(this.#refresh(false), signal);
    if (this.current === undefined) void this.#refresh(false);
    return held;
  }

  /**
   * Other credentials than those that the service refused as expired. However many callers come with the same ones,
   * the provider is asked once, and within a second of its answer not again: until then what is held is all there is.
   */
  async replace(refused: Credentials, signal?: AbortSignal): Promise<Credentials> {
    const underWay = this.#refreshing;
    if (underWay !== undefined && !this.#forcing) {
      // It may bring others; if it fails, that is told to those who began it.
      await waitFor(Promise.allSettled([underWay]), signal);
    }
    const held = this.#held;
    if (held !== undefined && this.#refreshing === undefined && this.#replaces(held, refused)) {
      return held;
    }
    return waitFor(this.#refresh(true), signal);
  }

  /** Waits for no provider any longer, and asks none again. */
  close(): void {
    this.#closed = true;
    this.#giveUp?.(clientClosed());
  }

  #replaces(held: Credentials, refused: Credentials): boolean {
    if (!this.#holds(held)) return false;
    if (performance.now() - this.#forcedAt < forcedPauseMs) return true;
    return held !== refused && (this.#forced || !sameKeys(held, refused));
  }

  #holds({ expiration }: Credentials): boolean {
    return expiration === undefined || this.#now() < expiration.getTime();
  }

  #refresh(force: boolean): Promise<Credentials> {
    if (this.#refreshing !== undefined) return this.#refreshing;
    this.#forcing = force;
    const refreshing = this.#find(force);
    this.#refreshing = refreshing;
    // Everybody who waited may have gone, and a failure in the background is nobody's while the old ones hold.
    refreshing.catch(() => undefined);
    return refreshing;
  }

  async #find(force: boolean): Promise<Credentials> {
    try {
      const found = guardCredentials(await this.#ask(force));
      if (!this.#holds(found)) throw expired(found);
      this.#forced = force;
      return this.#hold(found);
    } catch (cause) {
      this.#pause();
      throw (
        failureBehind(cause) ?? credentialsUnavailable("The provider of credentials failed.", cause)
      );
    } finally {
      this.#refreshing = undefined;
      if (force) this.#forcedAt = performance.now();
    }
  }

  async #ask(force: boolean): Promise<unknown> {
    if (this.#closed) throw clientClosed();
    let timer: NodeJS.Timeout | undefined;
    const givenUp = new Promise<never>((_, reject) => {
      this.#giveUp = reject;
      timer = setTimeout(() => {
        const seconds = this.#refreshTimeoutMs / 1000;
        reject(credentialsUnavailable(`The provider of credentials took over ${seconds} s.`));
      }, this.#refreshTimeoutMs);
    });
    try {
      const asked = this.#provider(force ? { forceRefresh: true } : undefined);
      return await Promise.race([asked, givenUp]);
    } finally {
      clearTimeout(timer);
      this.#giveUp = undefined;
    }
  }

  #hold(found: Credentials): Credentials {
    this.#held = found;
    const expiresAt = found.expiration?.getTime() ?? Infinity;
    this.#freshUntil = Math.max(expiresAt - earlyMs, Math.min(this.#now() + pauseMs, expiresAt));
    return found;
  }

  #pause(): void {
    const expiresAt = this.#held?.expiration?.getTime() ?? Infinity;
    if (this.#held === undefined || expiresAt === Infinity) return;
    this.#freshUntil = Math.min(this.#now() + pauseMs, expiresAt);
  }
}

function expired({ expiration }: Credentials): WireFailure {
  const at = expiration?.toISOString() ?? "";
  return credentialsUnavailable(
    `The credentials that were found expired at ${at}, by the clock of this machine.`,
  );
}
