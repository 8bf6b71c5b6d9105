import { WireFailure, type FailurePhase as WirePhase } from "@holdfast/client/transport";

/**
 * How far a request had come when its connection failed. `unsent`: the upstream has not seen it, whatever it is.
 * `sent`: it may have been carried out. `answering`: the head of an answer was there.
 */
export type FailurePhase = "unsent" | "sent" | "answering";

/** What kind of failure it was: only what was there and made no sense is the upstream's nonsense. */
export type FailureKind = "unreachable" | "timeout" | "broken" | "nonsense";

/** A request to an upstream that came to no answer. The cause names addresses: it is for the log alone. */
export class UpstreamFailure extends Error {
  static {
    this.prototype.name = "UpstreamFailure";
  }
  readonly phase: FailurePhase;
  readonly kind: FailureKind;

  constructor(cause: WireFailure) {
    const { code, phase = "connect" } = cause.fields;
    super(`the upstream failed (${phase}): ${cause.message}`, { cause });
    this.phase = phases[phase];
    this.kind = kindOf(this.phase, code);
  }

  /** What a transport rejected with, told as a failure of the upstream; anything else as it is. */
  static of(cause: unknown): unknown {
    return cause instanceof WireFailure ? new UpstreamFailure(cause) : cause;
  }
}

const phases: Readonly<Record<WirePhase, FailurePhase>> = {
  connect: "unsent",
  request: "sent",
  headers: "sent",
  body: "answering",
};

const timeouts: ReadonlySet<string> = new Set([
  "ConnectTimeout",
  "ETIMEDOUT",
  "HeadersTimeout",
  "IdleTimeout",
  "PoolTimeout",
]);

function kindOf(phase: FailurePhase, code: string): FailureKind {
  if (timeouts.has(code)) return "timeout";
  if (phase === "unsent") return "unreachable";
  return code === "MalformedResponse" ? "nonsense" : "broken";
}
