import { isDeepStrictEqual } from "node:util";
import type { Expected, Gap } from "./situation.ts";
import type { ToldFailure } from "./subject.ts";

/** All that was seen of a situation once it was over. */
export interface Observation {
  readonly outcome:
    | { readonly failure: ToldFailure; readonly error: unknown }
    | { readonly value: unknown }
    | "hung";
  readonly requests: number;
  /** Requests for which the script had no reply. */
  readonly unscripted: number;
  /** Milliseconds between one request's head and the next one's. */
  readonly gaps: readonly number[];
  readonly elapsedMs: number;
  /** What the client told beside its result. */
  readonly told: readonly unknown[];
  /** Names of secrets that were found in the error or in what was told. */
  readonly leaks: readonly string[];
  /** Kinds of handles that were still open after the client was closed. */
  readonly handles: readonly string[];
  /** What the situation itself found wrong. */
  readonly after: readonly string[];
}

/** What is not as expected: in which respect, and how it is instead. */
export interface Wrong {
  readonly respect: string;
  readonly told: unknown;
}

// A gap is seen from the outside: the failure has to arrive and the request to be made, on a machine that others use.
const gapSlackMs = 5000;
// And the request before it may have been seen late.
const gapEarlyMs = 100;

/** Compares; nothing is wrong where the list is empty. */
export function judge(expected: Expected, seen: Observation): readonly Wrong[] {
  return [
    ...outcomeWrongs(expected, seen),
    ...(seen.requests === expected.requests ? [] : [{ respect: "requests", told: seen.requests }]),
    ...(seen.unscripted === 0 ? [] : [{ respect: "unscripted", told: seen.unscripted }]),
    ...gapWrongs(expected, seen),
    ...(seen.elapsedMs <= (expected.withinMs ?? 10_000)
      ? []
      : [{ respect: "elapsed", told: seen.elapsedMs }]),
    ...seen.leaks.map((told) => ({ respect: "secret", told })),
    ...seen.handles.map((told) => ({ respect: "handle", told })),
    ...seen.after.map((told) => ({ respect: "after", told })),
  ];
}

function outcomeWrongs(expected: Expected, { outcome }: Observation): readonly Wrong[] {
  if (outcome === "hung") return [{ respect: "outcome", told: "hung" }];
  if ("value" in outcome) {
    if (expected.failure !== undefined) return [{ respect: "outcome", told: "success" }];
    const same = isDeepStrictEqual(outcome.value, expected.value);
    return same ? [] : [{ respect: "value", told: outcome.value }];
  }
  if (expected.failure === undefined) return [{ respect: "outcome", told: outcome.failure }];
  const told = new Map<string, unknown>(Object.entries(outcome.failure));
  const wrongs: Wrong[] = Object.entries(expected.failure)
    .filter(([name, value]) => told.get(name) !== value)
    .map(([name]) => ({ respect: name, told: told.get(name) }));
  const { delays } = outcome.failure;
  if (expected.delays !== undefined && !areWithin(delays, expected.delays)) {
    wrongs.push({ respect: "delays", told: delays });
  }
  if (expected.cause === undefined || hasCause(outcome.error, expected.cause)) return wrongs;
  return [...wrongs, { respect: "cause", told: outcome.error }];
}

function gapWrongs(expected: Expected, seen: Observation): readonly Wrong[] {
  return seen.gaps.flatMap((gap, i) => {
    const [least, most] = expected.gaps?.[i] ?? [0, 0];
    const within = gap >= least - gapEarlyMs && gap <= most + gapSlackMs;
    return within ? [] : [{ respect: "gap", told: gap }];
  });
}

function areWithin(delays: readonly number[], bounds: readonly Gap[]): boolean {
  if (delays.length !== bounds.length) return false;
  return bounds.every(([least, most], i) => {
    const delay = delays[i] ?? -1;
    return delay >= least && delay <= most;
  });
}

/** Whether a cause below the error is this very thing, or has it for its code or name. */
function hasCause(error: unknown, sought: unknown): boolean {
  let at: unknown = causeOf(error);
  for (let depth = 0; depth < 10 && at !== undefined; depth++) {
    if (at === sought) return true;
    if (at instanceof Error) {
      const code: unknown = "code" in at ? at.code : undefined;
      const errorCode: unknown = "errorCode" in at ? at.errorCode : undefined;
      if (typeof sought === "string" && [code, errorCode, at.name].includes(sought)) return true;
    }
    at = causeOf(at);
  }
  return false;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
