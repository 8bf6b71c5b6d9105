import { isDeepStrictEqual } from "node:util";
import { isErrorCode } from "@holdfast/protocol";
import { knownDigest } from "./known-bytes.ts";
import type { Action } from "./action.ts";
import { divergences, type Divergence, type Verdict } from "./report.ts";
import type { Scenario, Target } from "./scenario.ts";
import type { World } from "./stage.ts";
import type { Told, ToldError } from "./told.ts";

/** What of the world a verdict depends on. */
export interface Seen extends Pick<World, "stored" | "openUploads" | "isAsked" | "unfired"> {
  /** How many of the action's operations the server saw. */
  readonly requests: number;
  /** Milliseconds between the first of them and the second, if there is one. */
  readonly waitedMs?: number | undefined;
}

/** Says whether what a subject told is what happened. Same words, same world: same verdict. */
export function judge(scenario: Scenario, told: Told, seen: Seen): Verdict {
  if (told.outcome === "unsupported") return { is: "not driven", reason: told.reason };
  if (seen.unfired.length > 0) return { is: "not fired", faults: seen.unfired };
  const found = new Set<Divergence>([
    ...ofWords(scenario, told, seen),
    ...ofAcknowledgement(scenario, told, seen),
    ...ofObjects(scenario, told, seen),
    ...ofTraces(scenario.target, seen),
  ]);
  if (found.size === 0) return { is: "pass" };
  return { is: "diverges", how: divergences.filter((one) => found.has(one)) };
}

function ofWords(
  scenario: Scenario,
  told: Exclude<Told, { outcome: "unsupported" }>,
  seen: Seen,
): readonly Divergence[] {
  switch (told.outcome) {
    case "hung":
      return ["hangs"];
    case "died":
      return ["dies"];
    case "value":
      // Whoever has asked nobody cannot know, and was right by chance at best.
      return [...ofValue(scenario, told.value), ...(seen.isAsked ? [] : (["lies"] as const))];
    case "error":
      return ofError(scenario, told.error, seen);
  }
}

function ofValue({ action, target, arranged }: Scenario, value: unknown): readonly Divergence[] {
  const { succeeds } = target;
  const hasValue = Object.hasOwn(target, "value");
  if (action.do === "delete-many" && hasValue) return ofDeletions(target, value);
  if (hasValue) return isDeepStrictEqual(value, target.value) ? [] : ["lies"];
  const isWrong = action.do === "get" && !isWhole(value, arranged.objects?.[action.key]);
  if (succeeds === true) return isWrong ? ["loses data"] : [];
  // Success that hands over bytes which are not the object's is worse than success alone.
  return isWrong && value !== null ? ["loses data", "lies"] : ["lies"];
}

/** The keys are as told or it lies; of those that are still there, the codes are names like any other's. */
function ofDeletions({ value: wanted, told = [] }: Target, value: unknown): readonly Divergence[] {
  const codes: readonly unknown[] = Object.values(Object(Object(value).failed));
  if (!isDeepStrictEqual(keysOf(value), keysOf(wanted))) return ["lies"];
  if (codes.every((code) => told.some((word) => word === code))) return [];
  return [codes.some((code) => isOfAFailure(String(code))) ? "misnames" : "loses the name"];
}

function keysOf(deletions: unknown): unknown {
  const { deleted, failed } = Object(deletions);
  return [deleted, Object.keys(Object(failed)).toSorted()];
}

function isWhole(value: unknown, bytes: number | undefined): boolean {
  return bytes !== undefined && isDeepStrictEqual(value, knownDigest(bytes));
}

function ofError(scenario: Scenario, error: ToldError, seen: Seen): readonly Divergence[] {
  const { told, notTold = [] } = scenario.target;
  const words = new Set([...error.names, ...error.codes, ...error.statuses.map(String)]);
  if (notTold.some((word) => words.has(word))) {
    return [scenario.target.succeeds === true && isUntrue(scenario, seen) ? "lies" : "misnames"];
  }
  if (told === undefined) return [nothingFails(scenario) ? "lies" : "retries wrongly"];
  if (told.some((word) => words.has(word))) return [];
  return [[...error.names, ...error.codes].some(isOfAFailure) ? "misnames" : "loses the name"];
}

function nothingFails({ arranged }: Scenario): boolean {
  const { faults, caller = "root", skewMs, server } = arranged;
  return faults === undefined && caller === "root" && skewMs === undefined && server === undefined;
}

/** Whether nothing failed but in the telling: nothing went wrong, or what was to be written is there. */
function isUntrue(scenario: Scenario, seen: Seen): boolean {
  const { target } = scenario;
  if (nothingFails(scenario)) return true;
  return target.stored !== undefined && Object.entries(target.stored).every(isIn(seen));
}

/** What nodes and networks say, beside the catalogue of what services do. */
const networks =
  /^(E[A-Z_]{3,}|UND_ERR_\w+|AbortError|\w*TimeoutError|\w*NotFoundError|NotFound|NotModified)$/;

/** Whether a word says what went wrong, and not only that something did or who says so. */
function isOfAFailure(word: string): boolean {
  return (isErrorCode(word) || networks.test(word)) && !word.startsWith("E_CANNOT");
}

/** What was never there, and whose write was not acknowledged, is not lost. */
function ofObjects({ target, arranged }: Scenario, told: Told, seen: Seen): readonly Divergence[] {
  const isMissed = (key: string): boolean =>
    told.outcome === "value" ||
    arranged.objects?.[key] !== undefined ||
    seen.stored[key] !== undefined;
  const lost = Object.entries(target.stored ?? {}).filter((one) => !isIn(seen)(one));
  return lost.some(([key]) => isMissed(key)) ? ["loses data"] : [];
}

/** A write that is told to be done is to be found. */
function ofAcknowledgement({ action }: Scenario, told: Told, seen: Seen): readonly Divergence[] {
  const isTold = told.outcome === "value" && Object.hasOwn(seen.stored, keyOf(action));
  if (!isTold || !("bytes" in action)) return [];
  return isIn(seen)([action.key, action.bytes]) ? [] : ["loses data"];
}

function keyOf(action: Action): string {
  return "key" in action ? action.key : "";
}

function isIn({ stored }: Seen): (wanted: readonly [string, number | "absent"]) => boolean {
  return ([key, bytes]) => {
    const found = stored[key];
    if (bytes === "absent") return found === undefined;
    return found?.bytes === bytes && found.isWhole;
  };
}

function ofTraces(target: Target, seen: Seen): readonly Divergence[] {
  const { openUploads = 0, requests: [least, most] = [0, Infinity], waitMs = 0 } = target;
  const { requests, waitedMs = Infinity } = seen;
  // Who was refused when it looked first had no reason to ask at all.
  const isTooFew = requests > 0 && requests < least;
  const isWrong = isTooFew || requests > most || waitedMs < waitMs;
  return [
    ...(seen.openUploads > openUploads ? (["leaves parts"] as const) : []),
    ...(isWrong ? (["retries wrongly"] as const) : []),
  ];
}
