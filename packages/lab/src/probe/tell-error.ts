import { types } from "node:util";
import type { ToldError } from "./told.ts";

const codeFields = ["code", "Code", "errorCode"] as const;
const statusFields = ["status", "statusCode", "httpStatusCode"] as const;
/** What an error keeps of what was below it. */
const innerFields = ["cause", "$metadata", "$response", "response"] as const;

/** Enough for any chain that means something, and an end of those that have none. */
const thingsMax = 50;
/** A name is no sentence and no token. */
const word = /^[\w.:/-]{1,64}$/;

/** What an error tells by its fields and by those of its causes; nothing of a message, and nothing of what is secret. */
export function tellError(thrown: unknown, secrets: readonly string[] = []): ToldError {
  const names = new Set<string>();
  const codes = new Set<string>();
  const statuses = new Set<number>();
  const note = (set: Set<string>, value: unknown): void => {
    if (typeof value !== "string" || !word.test(value)) return;
    if (secrets.some((secret) => value.includes(secret))) return;
    set.add(value);
  };
  for (const { thing, isErrorItself } of thingsOf(thrown)) {
    if (isErrorItself) {
      note(names, fieldOf(fieldOf(thing, "constructor"), "name"));
      note(names, fieldOf(thing, "name"));
      for (const field of codeFields) note(codes, fieldOf(thing, field));
    }
    for (const field of statusFields) {
      const status = fieldOf(thing, field);
      if (isStatus(status)) statuses.add(status);
    }
  }
  const retryable = fieldOf(thrown, "retryable");
  return {
    names: [...names],
    codes: [...codes],
    statuses: [...statuses],
    ...(typeof retryable === "boolean" && { retryable }),
    isError: thrown instanceof Error || types.isNativeError(thrown),
  };
}

interface Found {
  readonly thing: object;
  /** An error or a cause, and not an answer that one of them keeps. */
  readonly isErrorItself: boolean;
}

/** The error and all that hangs from it, nearest first, each once. */
function* thingsOf(thrown: unknown): Generator<Found, void, undefined> {
  const seen = new Set<object>();
  const waiting: { readonly thing: unknown; readonly isErrorItself: boolean }[] = [
    { thing: thrown, isErrorItself: true },
  ];
  for (const { thing, isErrorItself } of waiting) {
    if (seen.size >= thingsMax) return;
    if (typeof thing !== "object" || thing === null || seen.has(thing)) continue;
    seen.add(thing);
    yield { thing, isErrorItself };
    for (const field of innerFields) {
      const isError = isErrorItself && field === "cause";
      waiting.push({ thing: fieldOf(thing, field), isErrorItself: isError });
    }
    for (const one of listOf(fieldOf(thing, "errors"))) {
      waiting.push({ thing: one, isErrorItself });
    }
  }
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, thingsMax) : [];
}

/** Undefined for a field that cannot be read: what is thrown at us may be anything. */
function fieldOf(thing: unknown, name: string): unknown {
  if ((typeof thing !== "object" && typeof thing !== "function") || thing === null)
    return undefined;
  try {
    return Reflect.get(thing, name);
  } catch {
    return undefined;
  }
}
