import { setMaxListeners } from "node:events";
import { expect, test } from "vitest";
import { Deadline } from "./deadline.ts";

test.each([0, 5, Infinity])(
  "a signal whose listeners the caller limited to %d can be used",
  (limit) => {
    const { signal } = new AbortController();
    setMaxListeners(limit, signal);
    const deadline = Deadline.of(signal, 0);
    expect(deadline.passed).toBe(false);
    deadline.clear();
  },
);
