import { redact } from "./redact.ts";

/** One error of a cause chain in words, safe to log: secrets left out, each text at most 1,024 characters. */
export interface CauseSummary {
  readonly name: string;
  /** What programs go by: an errno, a service's code. */
  readonly code?: string;
  readonly message: string;
}

const causesMax = 8;
/** Of the many errors that trying many addresses can end in. */
const siblingsMax = 3;
const textMax = 1024;

/**
 * The chain from a cause to its last, of an aggregate its first few as well: at most eight, each once. Whatever was
 * thrown has a summary, errors whose properties throw included.
 */
export function summariseCauses(
  cause: unknown,
  secrets: readonly string[] = [],
): readonly CauseSummary[] {
  const summaries: CauseSummary[] = [];
  const seen = new Set<unknown>();
  const waiting = [cause];
  while (waiting.length > 0 && summaries.length < causesMax) {
    const next = waiting.shift();
    if (next === undefined || next === null || seen.has(next)) continue;
    seen.add(next);
    summaries.push(summarise(next, secrets));
    const errors = property(next, "errors");
    if (Array.isArray(errors)) waiting.push(...errors.slice(0, siblingsMax));
    waiting.push(property(next, "cause"));
  }
  return summaries;
}

function summarise(thrown: unknown, secrets: readonly string[]): CauseSummary {
  const clean = (text: string): string => redact(text, secrets).slice(0, textMax);
  if (typeof thrown !== "object" || thrown === null) {
    return { name: typeof thrown, message: clean(String(thrown)) };
  }
  const code = textOf(thrown, "errorCode") ?? textOf(thrown, "code");
  return {
    name: clean(textOf(thrown, "name") ?? "Object"),
    ...(code !== undefined && { code: clean(code) }),
    message: clean(textOf(thrown, "message") ?? ""),
  };
}

function textOf(thrown: unknown, name: string): string | undefined {
  const value = property(thrown, name);
  return typeof value === "string" ? value : undefined;
}

/** A property of something of which nothing is known, not even that it can be read. */
function property(thrown: unknown, name: string): unknown {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  try {
    return Reflect.get(thrown, name);
  } catch {
    return undefined;
  }
}
