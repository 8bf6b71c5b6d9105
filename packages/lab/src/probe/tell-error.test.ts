import { expect, test } from "vitest";
import { tellError } from "./tell-error.ts";

test("codes, names and statuses are found wherever libraries keep them", () => {
  const cause = Object.assign(new TypeError("reset"), { code: "ECONNRESET" });
  const thrown = Object.assign(
    new AggregateError([{ Code: "SlowDown" }], "all failed", { cause }),
    {
      errorCode: "BackendUnavailable",
      $metadata: { httpStatusCode: 503 },
      response: { status: 429 },
      retryable: true,
    },
  );
  expect(tellError(thrown)).toEqual({
    names: ["AggregateError", "TypeError", "Object"],
    codes: ["BackendUnavailable", "ECONNRESET", "SlowDown"],
    statuses: [503, 429],
    retryable: true,
    isError: true,
  });
});

test("of a message nothing is told, nor of what holds a secret", () => {
  const thrown = Object.assign(new Error("NoSuchKey"), {
    code: "NoSuchKey: there is no such key",
    Code: "token-of-mine",
    name: "a sentence and no name",
  });
  expect(tellError(thrown, ["token-of-mine"])).toMatchObject({ names: ["Error"], codes: [] });
});

test("cycles, getters that throw, proxies and what is no error are survived", () => {
  const cyclic: Error & { cause?: unknown } = Object.assign(new Error("a"), { code: "EONE" });
  cyclic.cause = { cause: cyclic, code: "ETWO" };
  expect(tellError(cyclic).codes).toEqual(["EONE", "ETWO"]);
  const hostile = new Proxy(new Error("b"), {
    get: () => {
      throw new Error("not yours");
    },
  });
  expect(tellError(hostile)).toMatchObject({ names: [], codes: [], statuses: [] });
  expect(tellError({ Code: "InternalError" })).toMatchObject({
    codes: ["InternalError"],
    isError: false,
  });
  for (const odd of [undefined, null, "NoSuchKey", 404]) expect(tellError(odd).isError).toBe(false);
  const endless = (depth: number): object => ({ code: `E${depth}`, get cause() { return endless(depth + 1); } }); // prettier-ignore
  expect(tellError(endless(0)).codes.length).toBeLessThanOrEqual(50);
});
