import { errors } from "undici";

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

  constructor(phase: FailurePhase, cause: Error & { readonly code?: unknown }) {
    super(`the upstream failed (${phase}): ${cause.message}`, { cause });
    this.phase = phase;
    this.kind = kindOf(phase, cause);
  }
}

const timeouts: ReadonlySet<unknown> = new Set([
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
]);

const nonsense: ReadonlySet<unknown> = new Set([
  "UND_ERR_HEADERS_OVERFLOW",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "UND_ERR_RES_EXCEEDED_MAX_SIZE",
]);

function kindOf(phase: FailurePhase, cause: Error & { readonly code?: unknown }): FailureKind {
  const { code } = cause;
  if (timeouts.has(code)) return "timeout";
  if (phase === "unsent") return "unreachable";
  if (nonsense.has(code) || cause instanceof errors.HTTPParserError) return "nonsense";
  return "broken";
}
