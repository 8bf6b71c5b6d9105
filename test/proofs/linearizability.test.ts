import * as fc from "fast-check";
import { expect, test } from "vitest";
import { findAnomalies, type Operation } from "./linearizability.ts";
import { below, pick, seededRandom, seedFrom, type Random } from "./random.ts";
import { afterCall, type Call, type Condition, type KeyValue, type Outcome } from "./register.ts";

type Times = readonly [invokedAt: number, returnedAt: number];

function operation(times: Times, call: Call, outcome: Outcome): Operation {
  const [invokedAt, returnedAt] = times;
  return { key: "key", client: "client", call, outcome, invokedAt, returnedAt };
}

const put = (value: string, times: Times, condition?: Condition): Operation =>
  operation(times, { type: "put", value, condition }, "done");
const refusedPut = (value: string, times: Times, condition: Condition): Operation =>
  operation(times, { type: "put", value, condition }, "refused");
const lostPut = (value: string, times: Times): Operation =>
  operation(times, { type: "put", value }, "unknown");
const gone = (times: Times): Operation => operation(times, { type: "delete" }, "done");
const read = (found: KeyValue, times: Times): Operation =>
  operation(times, { type: "read" }, { found });

test.each<[string, readonly Operation[]]>([
  ["a stale read", [put("a", [0, 1]), put("b", [2, 3]), read("a", [4, 5])]],
  [
    "two reads that disagree on the order",
    [put("a", [0, 1]), put("b", [2, 9]), read("b", [3, 4]), read("a", [5, 6])],
  ],
  [
    "a lost update: two writes that both replaced the same value",
    [put("a", [0, 1]), put("b", [2, 5], { holds: "a" }), put("c", [2, 5], { holds: "a" })],
  ],
  ["two winners of If-None-Match", [put("a", [0, 5], "is-new"), put("b", [0, 5], "is-new")]],
  [
    "no winner of If-None-Match",
    [refusedPut("a", [0, 5], "is-new"), refusedPut("b", [0, 5], "is-new")],
  ],
  ["a resurrected delete", [put("a", [0, 1]), gone([2, 3]), read("a", [4, 5])]],
  ["a value that was never written", [put("a", [0, 1]), read("b", [2, 3])]],
  ["a value that was read before it was written", [read("a", [0, 1]), put("a", [2, 3])]],
  ["an acknowledged write that is lost", [put("a", [0, 1]), read(undefined, [2, 3])]],
  [
    "a refused write that took effect",
    [put("a", [0, 1]), refusedPut("b", [2, 3], "is-new"), read("b", [4, 5])],
  ],
  [
    "an unknown write that took effect twice",
    [
      lostPut("a", [0, Infinity]),
      read("a", [1, 2]),
      gone([3, 4]),
      read(undefined, [5, 6]),
      read("a", [7, 8]),
    ],
  ],
  [
    "an unknown write that took effect after its server was dead",
    [lostPut("a", [0, 3]), read(undefined, [4, 5]), read("a", [6, 7])],
  ],
  [
    "a 404 for a condition on a key that is there",
    [put("a", [0, 1]), operation([2, 3], { type: "delete", condition: { holds: "a" } }, "missing")],
  ],
])("%s is found", (_name, history) => {
  expect(findAnomalies(history).map(({ key }) => key)).toEqual(["key"]);
});

test.each<[string, readonly Operation[]]>([
  ["a read that saw the write under way", [put("a", [0, 9]), read("a", [1, 2])]],
  ["a read that did not yet see it", [put("a", [0, 9]), read(undefined, [1, 2])]],
  [
    "an unknown write that took effect late",
    [lostPut("a", [0, Infinity]), read(undefined, [1, 2]), read("a", [3, 4])],
  ],
  ["an unknown write that never took effect", [lostPut("a", [0, 2]), read(undefined, [3, 4])]],
  [
    "one winner of If-None-Match",
    [put("a", [0, 5], "is-new"), refusedPut("b", [0, 5], "is-new"), read("a", [6, 7])],
  ],
  [
    "a delete between the two winners",
    [put("a", [0, 5], "is-new"), gone([0, 9]), put("b", [6, 7], "is-new")],
  ],
])("%s is in order", (_name, history) => {
  expect(findAnomalies(history)).toEqual([]);
});

test("an anomaly names its key and tells how far it went", () => {
  const other = { ...put("x", [0, 1]), key: "other" };
  const [anomaly] = findAnomalies([other, put("a", [0, 1]), read(undefined, [2, 3])]);
  expect(anomaly?.key).toBe("key");
  expect(anomaly?.story).toMatchInlineSnapshot(`
    [
      "1 of 2 operations have an order; the last of it:",
      "0.000 to 1.000 client: put a: done",
      "then it holds a, and none of these can come next:",
      "2.000 to 3.000 client: read: found nothing",
    ]
  `);
});

/** Every choice of what took effect, in every order: slow, and too plain to be wrong. */
function hasOrder(operations: readonly Operation[]): boolean {
  const tryFrom = (left: readonly Operation[], value: KeyValue): boolean =>
    left.every(({ outcome }) => outcome === "unknown") ||
    left.some((next) => {
      const rest = left.filter((other) => other !== next);
      const after = afterCall(value, next.call, next.outcome);
      if (after === "impossible") return false;
      const isOver = (other: Operation): boolean => other.returnedAt < next.invokedAt;
      if (rest.some((other) => isOver(other) && other.outcome !== "unknown")) return false;
      return tryFrom(
        rest.filter((other) => !isOver(other)),
        after.value,
      );
    });
  return tryFrom(operations, undefined);
}

const value = fc.constantFrom("a", "b", "c");
const condition = fc.option(
  fc.oneof(
    fc.constant<Condition>("is-new"),
    value.map((holds): Condition => ({ holds })),
  ),
  { nil: undefined },
);
const written = fc.constantFrom<Outcome>("done", "done", "refused", "missing", "unknown");
const anyOperation = fc
  .record({
    called: fc.oneof(
      fc.record({
        call: fc.constant<Call>({ type: "read" }),
        outcome: fc.option(value, { nil: undefined }).map((found): Outcome => ({ found })),
      }),
      fc.record({
        call: fc.oneof(
          fc.record({ type: fc.constant("put" as const), value, condition }),
          fc.record({ type: fc.constant("delete" as const), condition }),
        ),
        outcome: written,
      }),
    ),
    invokedAt: fc.nat({ max: 12 }),
    takes: fc.nat({ max: 6 }),
    isForgotten: fc.boolean(),
  })
  .map(({ called: { call, outcome }, invokedAt, takes, isForgotten }): Operation => {
    const isOpen = outcome === "unknown" && isForgotten;
    return operation([invokedAt, isOpen ? Infinity : invokedAt + takes], call, outcome);
  });

test("any small history is judged as by trying every order", { timeout: 300_000 }, () => {
  const counts = { ordered: 0, anomalous: 0 };
  fc.assert(
    fc.property(fc.array(anyOperation, { minLength: 1, maxLength: 6 }), (history) => {
      const expected = hasOrder(history);
      counts[expected ? "ordered" : "anomalous"] += 1;
      expect(findAnomalies(history).length === 0).toBe(expected);
    }),
    { numRuns: 20_000, seed: seedFrom("HOLDFAST_SEED") },
  );
  console.log(`${counts.ordered} histories in order, ${counts.anomalous} not: both judges agree`);
  expect(Math.min(counts.ordered, counts.anomalous)).toBeGreaterThan(1000);
});

interface Pending {
  readonly client: number;
  readonly call: Call;
  readonly invokedAt: number;
  readonly outcome?: Outcome;
}

/** What eight clients of a register see that is in order by its making, 1 in 20 answers lost. */
function orderedHistory(random: Random, length: number): Operation[] {
  const pending = new Map<number, Pending>();
  const history: Operation[] = [];
  let current: KeyValue;
  for (let now = 0; history.length < length; now++) {
    const client = below(random, 8);
    const asked = pending.get(client);
    if (asked === undefined) {
      pending.set(client, { client, call: anyCall(random, `v${now}`, current), invokedAt: now });
    } else if (asked.outcome === undefined) {
      const outcome = truth(current, asked.call);
      const after = afterCall(current, asked.call, outcome);
      if (after !== "impossible") current = after.value;
      pending.set(client, { ...asked, outcome });
    } else {
      const isLost = asked.call.type !== "read" && random() < 0.05;
      const times: Times = [asked.invokedAt, isLost && random() < 0.05 ? Infinity : now];
      history.push(operation(times, asked.call, isLost ? "unknown" : asked.outcome));
      pending.delete(client);
    }
  }
  // What took effect and was not answered yet has to be in the history, or its value is no one's.
  for (const { call, invokedAt, outcome } of pending.values()) {
    if (outcome !== undefined && call.type !== "read") {
      history.push(operation([invokedAt, Infinity], call, "unknown"));
    }
  }
  return history;
}

function anyCall(random: Random, fresh: string, current: KeyValue): Call {
  const dice = random();
  if (dice < 0.4) return { type: "read" };
  const conditions: (Condition | undefined)[] = ["is-new", { holds: current ?? "none" }];
  const when = conditions[below(random, 3)];
  if (dice < 0.85) return { type: "put", value: fresh, condition: when };
  return { type: "delete", condition: when === "is-new" ? undefined : when };
}

function truth(current: KeyValue, call: Call): Outcome {
  if (call.type === "read") return { found: current };
  const outcomes = ["done", "refused", "missing"] as const;
  return outcomes.find((one) => afterCall(current, call, one) !== "impossible") ?? "unknown";
}

test("a long history that is in order by its making is accepted, and one wrong read in it is found", () => {
  const seed = seedFrom("HOLDFAST_SEED");
  const random = seededRandom(seed);
  for (let round = 0; round < 20; round++) {
    const history = orderedHistory(random, 200);
    expect(findAnomalies(history), `seed ${seed}`).toEqual([]);
    const reads = history.filter(({ call }) => call.type === "read");
    const spoiled = pick(random, reads);
    const wrong = history.map((one) =>
      one === spoiled ? { ...one, outcome: { found: "never-written" } } : one,
    );
    expect(findAnomalies(wrong), `seed ${seed}`).toHaveLength(1);
    const stale = staleRead(history);
    expect(findAnomalies(stale), `seed ${seed}`).toHaveLength(1);
  }
});

/** The history with a read, behind all else, of a value that was certainly replaced. */
function staleRead(history: readonly Operation[]): Operation[] {
  const first = history.find(({ call, outcome }) => call.type === "put" && outcome === "done");
  const later = history.find(
    ({ call, outcome, invokedAt }) =>
      call.type === "put" && outcome === "done" && invokedAt > (first?.returnedAt ?? Infinity),
  );
  expect(later).toBeDefined();
  const end = Math.max(...history.map(({ returnedAt }) => returnedAt).filter(Number.isFinite));
  const found = first?.call.type === "put" ? first.call.value : undefined;
  return [...history, read(found, [end + 1, end + 2])];
}
