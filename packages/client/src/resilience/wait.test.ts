import { getEventListeners, setMaxListeners } from "node:events";
import { expect, test } from "vitest";
import { wait } from "./wait.ts";

test("an abort ends a wait before any timer has its turn, with the signal's own reason and no listener left", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const waiting = wait(60_000, controller.signal);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
  let ended: unknown;
  waiting.catch((thrown: unknown) => {
    ended = thrown;
  });
  controller.abort(reason);
  await Promise.resolve();
  expect(ended).toBe(reason);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});

test("a wait under a signal that is aborted already does not begin", async () => {
  const reason = new Error("too late");
  await expect(wait(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
});

test("a wait that ends in time leaves no listener on the signal", async () => {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  await Promise.all(Array.from({ length: 200 }, () => wait(1, signal)));
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("a wait longer than a timer can count is not over at once", async () => {
  const controller = new AbortController();
  const outcome = wait(2 ** 40, controller.signal).then(
    () => "over",
    () => "aborted",
  );
  await wait(20);
  controller.abort();
  expect(await outcome).toBe("aborted");
});
