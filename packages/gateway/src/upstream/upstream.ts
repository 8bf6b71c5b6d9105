import { signRequest, SigningKeys } from "@holdfast/protocol";
import type { Attachment } from "../access/control.ts";
import type { Authorized, UpstreamTrace } from "../context.ts";
import { Endpoint, type Answer } from "./endpoint.ts";
import type { OutgoingBody } from "./outgoing-body.ts";
import { traceparentOf } from "./outgoing-headers.ts";
import { remoteTarget } from "./remote-target.ts";
import { upstreamLimits, type UpstreamConfig } from "./upstream-config.ts";
import { errorOfFailure } from "./upstream-errors.ts";
import { UpstreamFailure, type FailureKind } from "./upstream-failure.ts";

/** A request as it is to go out, but for what depends on the endpoint and the time. */
export interface Draft {
  readonly request: Authorized;
  readonly attachment: Attachment;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: OutgoingBody;
  /** It changes nothing, so that it may be asked twice. */
  readonly isRead: boolean;
  readonly trace: UpstreamTrace;
}

/** How one try came out. `failure` is absent when an answer began, whatever it says. */
interface Try {
  readonly upstream: string;
  /** To the head of the answer, or to the failure. */
  readonly durationMs: number;
  readonly failure: FailureKind | undefined;
}

export type Told = (one: Try) => void;

/** One upstream: its endpoints, its credential, and how often a request is tried. */
export class Upstream {
  readonly #config: UpstreamConfig;
  readonly #endpoints: readonly Endpoint[];
  readonly #keys = new SigningKeys(16);
  readonly #now: () => number;
  readonly #told: Told;
  #turn = 0;

  constructor(config: UpstreamConfig, { now, told }: { now: () => number; told: Told }) {
    const limits = { ...upstreamLimits, ...config.limits };
    this.#config = config;
    this.#now = now;
    this.#told = told;
    this.#endpoints = config.endpoints.map((url) => new Endpoint(url, config, limits));
  }

  /** Every way to it is encrypted. */
  get isSecure(): boolean {
    return this.#endpoints.every(({ isSecure }) => isSecure);
  }

  get region(): string {
    return this.#config.region;
  }

  /** It knows checksums that come behind a body. */
  get takesTrailers(): boolean {
    return this.#config.checksumTrailers ?? true;
  }

  async close(): Promise<void> {
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  /**
   * Sends a request until an answer begins. One that did not leave is sent to the next endpoint, whatever it is; one that
   * may have been carried out is sent once more, elsewhere where there is an elsewhere, if it changes nothing. Rejects
   * with the `S3Error` that stands for the failure.
   */
  async send(draft: Draft): Promise<Answer> {
    const order = this.#order();
    let spare = draft.isRead ? 1 : 0;
    for (let next = 0; ; next += 1) {
      const endpoint = order[next % order.length];
      if (endpoint === undefined) throw new TypeError("an upstream without an endpoint");
      try {
        return await this.#try(endpoint, draft);
      } catch (failure) {
        if (!(failure instanceof UpstreamFailure)) throw failure;
        if (failure.kind === "unreachable" || failure.kind === "timeout") endpoint.rest();
        const step = nextStep(failure, { isElsewhere: next + 1 < order.length, spare });
        if (step === "give-up") throw errorOfFailure(failure);
        if (step === "repeat") spare -= 1;
      }
    }
  }

  async #try(endpoint: Endpoint, draft: Draft): Promise<Answer> {
    const { body, trace } = draft;
    // What became of a write is worth knowing for whoever counts, even when nobody waits for it.
    const signal = draft.isRead ? draft.request.incoming.left : undefined;
    const sent = this.#start(endpoint, { ...draft, signal });
    trace.attempts += 1;
    const startedAt = performance.now();
    const tell = (failure?: FailureKind): void => {
      const durationMs = performance.now() - startedAt;
      this.#told({ upstream: this.#config.name, durationMs, failure });
    };
    try {
      const answer = await sent;
      tell();
      return answer;
    } catch (failure) {
      // No upstream is blamed for a client that left.
      signal?.throwIfAborted();
      if (body.failure === undefined && failure instanceof UpstreamFailure) tell(failure.kind);
      // The body broke off first: what became of the connection follows from that.
      throw body.failure ?? failure;
    }
  }

  #start(
    endpoint: Endpoint,
    draft: Draft & { readonly signal: AbortSignal | undefined },
  ): Promise<Answer> {
    const { request, attachment, body, signal } = draft;
    const { credentials, region, addressing } = this.#config;
    const isVirtual = addressing === "virtual";
    const { remoteBucket } = attachment;
    const host = isVirtual ? `${remoteBucket}.${endpoint.url.host}` : endpoint.url.host;
    const path = remoteTarget(request, isVirtual ? undefined : remoteBucket);
    const { method } = request;
    const signing = { credentials, region, now: this.#now(), keys: this.#keys };
    const bound = Object.assign({ host }, draft.headers, body.headers);
    const signed = signRequest(
      { method, target: path, headers: bound },
      { ...signing, payload: body.payload },
    );
    // Hops between here and there are known to change these.
    Object.assign(signed, traceparentOf(request));
    signed["accept-encoding"] = request.headers["accept-encoding"]?.toString() ?? "identity";
    if (body.length !== undefined) signed["content-length"] = String(body.length);
    else if (method === "PUT" || method === "POST") signed["content-length"] = "0";
    const opened = body.open(signed, signing);
    return endpoint.send(isVirtual ? remoteBucket : undefined, {
      method,
      path,
      headers: signed,
      body: opened,
      signal,
    });
  }

  /** Each endpoint once: in turn, and those that rest behind the others. */
  #order(): readonly Endpoint[] {
    const all = this.#endpoints;
    if (all.length === 1) return all;
    this.#turn = (this.#turn + 1) % all.length;
    const turned = [...all.slice(this.#turn), ...all.slice(0, this.#turn)];
    const now = performance.now();
    const resting = (one: Endpoint): number => Math.max(0, one.restsUntil - now);
    return turned.toSorted((a, b) => resting(a) - resting(b));
  }
}

/** What follows a failure: the request for the first time elsewhere, the same once more, or nothing. */
function nextStep(
  { phase, kind }: UpstreamFailure,
  { isElsewhere, spare }: { isElsewhere: boolean; spare: number },
): "pass-on" | "repeat" | "give-up" {
  if (phase === "unsent") return isElsewhere ? "pass-on" : "give-up";
  // Who was silent for the whole time would be so again.
  const isWorthIt = kind === "broken" || (kind === "timeout" && isElsewhere);
  return phase === "sent" && spare > 0 && isWorthIt ? "repeat" : "give-up";
}
