import { s3Error, type S3Error } from "@holdfast/protocol";
import type { Credential, CredentialLimits, Principal } from "../access/credential.ts";
import { limitedNetwork } from "./address.ts";
import { RateLimiter } from "./rate-limiter.ts";

/** How much may be asked, beside what each credential has of its own; without a value there is no limit. */
export interface RequestLimits {
  /** Of all requests together. */
  readonly requestsPerSecond?: number | undefined;
  /** Of one source address; hosts of one IPv6 /64 are one. */
  readonly addressRequestsPerSecond?: number | undefined;
  /** Of one source address, requests that could not say who they are. */
  readonly addressFailuresPerSecond?: number | undefined;
  /** Of each credential of a tenant that has no such limit of its own. */
  readonly credentialRequestsPerSecond?: number | undefined;
  /** Requests under way at once, of each credential of a tenant that has no such limit of its own. */
  readonly credentialConcurrency?: number | undefined;
}

/** Why a request has to wait: the label that it is counted by. */
type Reason =
  | "rate_limited_credential"
  | "rate_limited_address"
  | "rate_limited_global"
  | "rate_limited_failures"
  | "concurrency";

/** Who asks, and from where. */
interface Asking {
  readonly principal: Principal;
  readonly address: string;
}

/** Lets go of a request's place among those under way; calling again does nothing. */
export type Release = () => void;

const nothing: Release = () => {};
const everyone = "";

/**
 * All limits on how much is asked, in memory of a bounded size. A request that is refused takes nothing from anyone: one
 * credential over its own limit cannot drain what all share.
 */
export class Limits {
  readonly #limits: RequestLimits;
  readonly #nowMs: () => number;
  readonly #credentials = new RateLimiter();
  readonly #addresses = new RateLimiter();
  readonly #failures = new RateLimiter();
  readonly #anonymous = new RateLimiter();
  readonly #all = new RateLimiter({ keysMax: 1 });
  readonly #underWay = new Map<string, number>();

  /** The clock's milliseconds never run backwards. */
  constructor(limits: RequestLimits, nowMs: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  /** Keys that the limiters know at this moment, by limiter: what their memory grows with. */
  get sizes(): Readonly<Record<"credential" | "address" | "failures" | "anonymous", number>> {
    return {
      credential: this.#credentials.size,
      address: this.#addresses.size,
      failures: this.#failures.size,
      anonymous: this.#anonymous.size,
    };
  }

  /** `SlowDown` with the time to wait, or a place among the requests under way that has to be let go of. */
  admit({ principal, address }: Asking): Release {
    const now = this.#nowMs();
    const credential = principal.kind === "credential" ? principal.credential : undefined;
    const { accessKeyId = "" } = credential ?? {};
    const own = credential && this.#limitsOf(credential);
    const network = limitedNetwork(address);
    const { requestsPerSecond, addressRequestsPerSecond } = this.#limits;
    const buckets: readonly Bucket[] = [
      [this.#credentials, accessKeyId, own?.requestsPerSecond, "rate_limited_credential"],
      [this.#addresses, network, addressRequestsPerSecond, "rate_limited_address"],
      [this.#all, everyone, requestsPerSecond, "rate_limited_global"],
    ];
    refuseOverLimit(buckets, now);
    const release = this.#enter(accessKeyId, own?.concurrency);
    for (const [limiter, key, rate] of buckets) {
      if (rate !== undefined) limiter.take(key, rate, now);
    }
    return release;
  }

  /** A credential's own limits outdo those that all have, one by one. */
  #limitsOf({ tenant, limits }: Credential): CredentialLimits {
    // Whoever has to set things right must not have to queue for it.
    if (tenant === undefined) return limits ?? {};
    const { credentialRequestsPerSecond, credentialConcurrency } = this.#limits;
    return {
      requestsPerSecond: limits?.requestsPerSecond ?? credentialRequestsPerSecond,
      concurrency: limits?.concurrency ?? credentialConcurrency,
    };
  }

  /**
   * `SlowDown` for an address that failed too often, before anyone looks at what it presents: an answer to the right
   * secret alone would be an oracle, and the work of looking is what a flood of wrong ones is after.
   */
  refuseFailing(address: string): void {
    const rate = this.#limits.addressFailuresPerSecond;
    if (rate === undefined) return;
    const bucket: Bucket = [this.#failures, limitedNetwork(address), rate, "rate_limited_failures"];
    refuseOverLimit([bucket], this.#nowMs());
  }

  /** Holds against an address that it could not say who it is. */
  countFailure(address: string): void {
    const rate = this.#limits.addressFailuresPerSecond;
    if (rate !== undefined) this.#failures.take(limitedNetwork(address), rate, this.#nowMs());
  }

  /**
   * One anonymous request of an address to a bucket with a rate of its own: nothing when it may go on, or after how many
   * whole seconds it may come again.
   */
  takeAnonymous(bucket: string, address: string, requestsPerSecond: number): number | undefined {
    const now = this.#nowMs();
    // No bucket's name has a space: no two pairs are one key.
    const key = `${bucket} ${limitedNetwork(address)}`;
    const waitMs = this.#anonymous.waitMs(key, requestsPerSecond, now);
    if (waitMs > 0) return wholeSeconds(waitMs);
    this.#anonymous.take(key, requestsPerSecond, now);
    return undefined;
  }

  #enter(accessKeyId: string, concurrency: number | undefined): Release {
    if (concurrency === undefined) return nothing;
    const before = this.#underWay.get(accessKeyId) ?? 0;
    // When one of them ends nobody knows; a second is the shortest time that the header can say.
    if (before >= concurrency) throw slowDown("concurrency", 1);
    this.#underWay.set(accessKeyId, before + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#underWay.get(accessKeyId) ?? 1) - 1;
      if (left === 0) this.#underWay.delete(accessKeyId);
      else this.#underWay.set(accessKeyId, left);
    };
  }
}

type Bucket = readonly [
  limiter: RateLimiter,
  key: string,
  rate: number | undefined,
  reason: Reason,
];

/** The first bucket that is empty says why; the longest wait says when. */
function refuseOverLimit(buckets: readonly Bucket[], now: number): void {
  let longestMs = 0;
  let why: Reason | undefined;
  for (const [limiter, key, rate, reason] of buckets) {
    const waitMs = rate === undefined ? 0 : limiter.waitMs(key, rate, now);
    if (waitMs > 0) why ??= reason;
    longestMs = Math.max(longestMs, waitMs);
  }
  if (why !== undefined) throw slowDown(why, wholeSeconds(longestMs));
}

function wholeSeconds(waitMs: number): number {
  return Math.max(1, Math.ceil(waitMs / 1000));
}

function slowDown(reason: Reason, retryAfterSeconds: number): S3Error {
  return s3Error("SlowDown", undefined, {
    reason,
    headers: { "retry-after": String(retryAfterSeconds) },
  });
}
