import { describe, expect, test } from "vitest";
import { judge, type Seen } from "./judge.ts";
import { knownDigest } from "./known-bytes.ts";
import type { Action } from "./action.ts";
import type { Arranged, Scenario, Target } from "./scenario.ts";
import type { Told, ToldError } from "./told.ts";

const quiet: Seen = { stored: {}, openUploads: 0, isAsked: true, unfired: [], requests: 1 };
const put: Action = { do: "put", key: "k", bytes: 10 };
const get: Action = { do: "get", key: "k" };
const whole = { bytes: 10, isWhole: true };

const failed = (error: Partial<ToldError>): Told => ({
  outcome: "error",
  error: { names: ["Error"], codes: [], statuses: [], isError: true, ...error },
});
const resolved = (value: unknown): Told => ({ outcome: "value", value });

interface Case {
  readonly target: Target;
  readonly told: Told;
  readonly action?: Action;
  readonly arranged?: Arranged;
  readonly seen?: Partial<Seen>;
}

function verdictOf({ target, told, action = get, arranged = {}, seen }: Case): unknown {
  const scenario: Scenario = {
    id: "x",
    origin: "fault",
    title: "",
    why: "",
    action,
    arranged,
    target,
  };
  const verdict = judge(scenario, told, { ...quiet, ...seen });
  return verdict.is === "diverges" ? verdict.how : verdict.is;
}

const faults: Arranged = { faults: [{ operation: "PutObject", reset: true }] };
const missing: Target = { told: ["NoSuchKey", "404"] };

describe("of a failure", () => {
  const cases: readonly (readonly [string, Case, unknown])[] = [
    ["its code is enough", { target: missing, told: failed({ codes: ["NoSuchKey"] }) }, "pass"],
    ["so is its class", { target: missing, told: failed({ names: ["NoSuchKey"] }) }, "pass"],
    ["so is its status, where the target says so", { target: missing, told: failed({ statuses: [404] }) }, "pass"],
    ["another status is none", { target: missing, told: failed({ statuses: [403] }) }, ["loses the name"]],
    ["a class of its own says nothing", { target: missing, told: failed({ names: ["LibraryError"], codes: ["E_CANNOT_READ_FILE"] }) }, ["loses the name"]],
    ["another failure's code misnames it", { target: missing, told: failed({ codes: ["AccessDenied"] }) }, ["misnames"]],
    ["an errno misnames it too", { target: missing, told: failed({ codes: ["ECONNRESET"] }) }, ["misnames"]],
    ["a name that it must not have counts more than the right one", { target: { ...missing, notTold: ["TimeoutError"] }, told: failed({ names: ["TimeoutError"], codes: ["NoSuchKey"] }) }, ["misnames"]],
    ["success is a lie", { target: missing, told: resolved(null) }, ["lies"]],
    ["wrong bytes are a graver one", { target: missing, told: resolved({ bytes: 0, sha256: "" }) }, ["loses data", "lies"]],
  ]; // prettier-ignore
  test.each(cases)("%s", (_name, one, expected) => {
    expect(verdictOf(one)).toEqual(expected);
  });
});

describe("of a success", () => {
  const cases: readonly (readonly [string, Case, unknown])[] = [
    ["the object's bytes pass", { target: { succeeds: true }, arranged: { objects: { k: 10 } }, told: resolved(knownDigest(10)) }, "pass"],
    ["fewer of them do not", { target: { succeeds: true }, arranged: { objects: { k: 10 } }, told: resolved(knownDigest(9)) }, ["loses data"]],
    ["another value is a lie", { target: { value: ["a", "b"] }, told: resolved(["a"]) }, ["lies"]],
    ["a right value of whoever asked nobody is a lie", { target: { value: null, told: ["NoSuchKey"] }, told: resolved(null), seen: { isAsked: false, requests: 0 } }, ["lies"]],
    ["either is right, the value or the failure", { target: { value: null, told: ["NoSuchKey"] }, told: failed({ codes: ["NoSuchKey"] }) }, "pass"],
    ["a failure where nothing went wrong is a lie", { target: { succeeds: true }, told: failed({}) }, ["lies"]],
    ["a failure that could have been mended was not tried again", { target: { succeeds: true }, arranged: faults, told: failed({}) }, ["retries wrongly"]],
    ["a failure that the server told of a write that is done is passed on, and not tried again", { action: put, target: { succeeds: true, stored: { k: 10 } }, arranged: faults, told: failed({}), seen: { stored: { k: whole } } }, ["retries wrongly"]],
    ["so is one under the name of another's write", { action: put, target: { succeeds: true, told: ["ECONNRESET"], notTold: ["412"], stored: { k: 10 } }, arranged: faults, told: failed({ statuses: [412] }), seen: { stored: { k: whole } } }, ["lies"]],
  ]; // prettier-ignore
  test.each(cases)("%s", (_name, one, expected) => {
    expect(verdictOf(one)).toEqual(expected);
  });
});

describe("of what is there afterwards", () => {
  const refused: Target = { told: ["AccessDenied"], stored: { k: "absent" } };
  const denied = failed({ codes: ["AccessDenied"] });
  const cases: readonly (readonly [string, Case, unknown])[] = [
    ["what was told to be written is there", { action: put, target: { succeeds: true, stored: { k: 10 } }, told: resolved(null), seen: { stored: { k: whole } } }, "pass"],
    ["of the right bytes", { action: put, target: { succeeds: true, stored: { k: 10 } }, told: resolved(null), seen: { stored: { k: { bytes: 10, isWhole: false } } } }, ["loses data"]],
    ["a write that was told and is not there is lost", { action: put, target: refused, told: resolved(null), seen: { stored: { k: undefined } } }, ["loses data", "lies"]],
    ["one that was refused is not lost", { action: put, target: { told: ["AccessDenied"], stored: { k: 10 } }, told: denied, seen: { stored: { k: undefined } } }, "pass"],
    ["a part of one is worse than none", { action: put, target: refused, told: denied, seen: { stored: { k: { bytes: 5, isWhole: true } } } }, ["loses data"]],
    ["what was there before is not there any more", { action: put, target: { told: ["AccessDenied"], stored: { k: 7 } }, arranged: { objects: { k: 7 } }, told: denied, seen: { stored: { k: undefined } } }, ["loses data"]],
    ["open uploads are left over", { action: put, target: refused, told: denied, seen: { stored: { k: undefined }, openUploads: 1 } }, ["leaves parts"]],
    ["unless they may be", { action: put, target: { ...refused, openUploads: 1 }, told: denied, seen: { stored: { k: undefined }, openUploads: 1 } }, "pass"],
    ["too many requests", { target: { ...missing, requests: [1, 1] }, told: failed({ statuses: [404] }), seen: { requests: 2 } }, ["retries wrongly"]],
    ["too few", { target: { ...missing, requests: [2, 3] }, told: failed({ statuses: [404] }) }, ["retries wrongly"]],
    ["too early", { target: { ...missing, waitMs: 1000 }, told: failed({ statuses: [404] }), seen: { requests: 2, waitedMs: 999 } }, ["retries wrongly"]],
  ]; // prettier-ignore
  test.each(cases)("%s", (_name, one, expected) => {
    expect(verdictOf(one)).toEqual(expected);
  });
});

describe("of what says nothing", () => {
  const right = failed({ codes: ["NoSuchKey"] });
  const cases: readonly (readonly [string, Case, unknown])[] = [
    ["a call that never settles hangs", { target: missing, told: { outcome: "hung" } }, ["hangs"]],
    ["a process that ended dies", { target: missing, told: { outcome: "died", how: "SIGABRT" } }, ["dies"]],
    ["a fault that never fired fails the right answer too", { target: missing, told: right, seen: { unfired: [2] } }, "not fired"],
    ["what it has no call for is no pass", { target: missing, told: { outcome: "unsupported", reason: "" } }, "not driven"],
  ]; // prettier-ignore
  test.each(cases)("%s", (_name, one, expected) => {
    expect(verdictOf(one)).toEqual(expected);
  });
});
