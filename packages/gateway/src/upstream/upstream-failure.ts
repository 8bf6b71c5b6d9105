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
    super(`the upstream's connection failed (${phase})`, { cause });
    this.phase = phase;
    this.kind = kindOf(phase, cause.code);
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

function kindOf(phase: FailurePhase, code: unknown): FailureKind {
  if (timeouts.has(code)) return "timeout";
  if (phase === "unsent") return "unreachable";
  if (nonsense.has(code)) return "nonsense";
  // What the parser of the head, or of the chunks, could not read.
  return typeof code === "string" && code.startsWith("HPE_") ? "nonsense" : "broken";
}
