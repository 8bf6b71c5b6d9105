import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PerEndpoint } from "./per-endpoint.ts";
import { budgetOf, RetryBudget, type RetryKind } from "./retry-budget.ts";

/** Requests that so many calls send into an endpoint that never succeeds, with 3 attempts each. */
function requestsSent(budget: RetryBudget, calls: number, kind: RetryKind): number {
  let requests = 0;
  for (let call = 0; call < calls; call += 1) {
    requests += 1;
    for (let retry = 0; retry < 2 && budget.take(kind); retry += 1) requests += 1;
  }
  return requests;
}

test("300 calls into a dead endpoint send at most 335 requests, and the next 300 send 300", () => {
  const budget = new RetryBudget();
  const first = requestsSent(budget, 300, "transient");
  const second = requestsSent(budget, 300, "transient");
  console.log(`300 failing calls sent ${first} requests, the next 300 sent ${second}`);
  expect(first).toBe(335);
  expect(second).toBe(300);
});

test("300 calls that are throttled send 400 requests", () => {
  expect(requestsSent(new RetryBudget(), 300, "throttling")).toBe(400);
});

test("without a budget the same outage is sent three times", () => {
  const boundless = new RetryBudget();
  boundless.take = () => true;
  expect(requestsSent(boundless, 300, "transient")).toBe(900);
});

test("a success gives back what its last retry cost, or one token, and never more than 500 in all", () => {
  const budget = new RetryBudget();
  budget.take("transient");
  expect(budget.tokens).toBe(486);
  budget.success();
  expect(budget.tokens).toBe(487);
  budget.success("throttling");
  expect(budget.tokens).toBe(492);
  budget.success("transient");
  expect(budget.tokens).toBe(500);
});

test("no run of retries and successes leaves a budget outside 0 to 500", () => {
  const kind = fc.constantFrom<RetryKind>("transient", "throttling");
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.option(kind, { nil: undefined }))), (steps) => {
      const budget = new RetryBudget();
      for (const [take, of] of steps) {
        if (take) budget.take(of ?? "transient");
        else budget.success(of);
        expect(budget.tokens).toBeGreaterThanOrEqual(0);
        expect(budget.tokens).toBeLessThanOrEqual(500);
      }
    }),
  );
});

test("all clients of a process share the budget of an endpoint, and no other's", () => {
  expect(budgetOf("http://127.0.0.1:9000")).toBe(budgetOf("http://127.0.0.1:9000"));
  expect(budgetOf("http://127.0.0.1:9000")).not.toBe(budgetOf("http://127.0.0.1:9001"));
});

test("of ten thousand endpoints the thousand used last are remembered", () => {
  const made: string[] = [];
  const perEndpoint = new PerEndpoint((endpoint) => {
    made.push(endpoint);
    return { endpoint };
  });
  const kept = perEndpoint.of("kept");
  for (let port = 0; port < 10_000; port += 1) {
    perEndpoint.of(`http://127.0.0.1:${port}`);
    expect(perEndpoint.of("kept")).toBe(kept);
  }
  expect(perEndpoint.size).toBe(1_000);
  expect(made).toHaveLength(10_001);
});
