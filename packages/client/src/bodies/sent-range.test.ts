import { assert, boolean, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { WireFailure } from "../errors/wire-failure.ts";
import { WireBody } from "../transport/wire-body.ts";
import type { ResponseHeaders, TransportResponse } from "../transport/transport.ts";
import { rangeOf } from "./sent-range.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

function response(
  status: number,
  headers: ResponseHeaders,
  unwanted = (): void => {},
): TransportResponse {
  return {
    status,
    headers,
    fields: [],
    body: new WireBody({ wanted() {}, reused() {}, unwanted }),
  };
}

const cases = record({
  first: integer({ min: 0, max: 2 ** 40 }),
  length: integer({ min: 1, max: 2 ** 40 }),
  received: integer({ min: 0, max: 2 ** 40 }),
  isRange: boolean(),
});

test("the rest that is asked for begins at the first byte that is missing, ends where the response would have, and is of the same object", () => {
  assert(
    property(cases, ({ first: start, length, received, isRange }) => {
      const first = isRange ? start : 0;
      const last = first + length - 1;
      const sent = isRange
        ? response(206, { etag: '"e"', "content-range": `bytes ${first}-${last}/*` })
        : response(200, { etag: '"e"', "content-length": String(length) });
      const rest = rangeOf(sent)?.restFrom(received);
      if (received >= length) expect(rest).toBeUndefined();
      else expect(rest).toEqual({ range: `bytes=${first + received}-${last}`, "if-match": '"e"' });
    }),
    { seed, numRuns: 500 },
  );
});

const whole = response(200, { etag: '"e"', "content-length": "100" });

function checked(headers: ResponseHeaders, status = 206): string | undefined {
  let isEnded = false;
  const rest = response(status, headers, () => (isEnded = true));
  try {
    rangeOf(whole)?.checkRest(rest, 40);
    return undefined;
  } catch (error) {
    expect(isEnded).toBe(true);
    return error instanceof WireFailure ? error.fields.code : String(error);
  }
}

test("a rest is taken only if it is exactly what is missing of the same object", () => {
  const range = "bytes 40-99/100";
  expect(checked({ etag: '"e"', "content-range": range })).toBeUndefined();
  expect(checked({ "content-range": range })).toBe("MalformedResponse");
  expect(checked({ etag: '"other"', "content-range": range })).toBe("ModifiedDuringRead");
  expect(checked({ etag: '"e"', "content-range": "bytes 39-99/100" })).toBe("MalformedResponse");
  expect(checked({ etag: '"e"', "content-range": "bytes 40-98/100" })).toBe("MalformedResponse");
  expect(checked({ etag: '"e"' })).toBe("MalformedResponse");
  expect(checked({ etag: '"e"', "content-range": range }, 200)).toBe("MalformedResponse");
});

test("what does not name its object or its length cannot be gone on with", () => {
  expect(rangeOf(response(200, { "content-length": "1" }))).toBeUndefined();
  expect(rangeOf(response(200, { etag: 'W/"e"', "content-length": "1" }))).toBeUndefined();
  expect(rangeOf(response(200, { etag: '"e"' }))).toBeUndefined();
  expect(rangeOf(response(206, { etag: '"e"', "content-length": "1" }))).toBeUndefined();
});
