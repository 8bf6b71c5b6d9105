import { expect, test } from "vitest";
import { WireFailure } from "../errors/wire-failure.ts";
import { Exchange } from "./exchange.ts";
import type { TransportRequest, TransportResponse } from "./transport.ts";

const request: TransportRequest = {
  secure: false,
  hostname: "127.0.0.1",
  port: 80,
  method: "GET",
  target: "/",
  headers: {},
  body: undefined,
  timeouts: { connectMs: 100, headersMs: 100, idleMs: 100 },
  signal: undefined,
};

/** An exchange whose answer has begun with one piece, and what its caller was given. */
function answered(
  parts: Partial<TransportRequest> = {},
): Promise<{ exchange: Exchange; response: TransportResponse }> {
  return new Promise((done, reject) => {
    const resolve = (response: TransportResponse): void => done({ exchange, response });
    const exchange: Exchange = new Exchange({ ...request, ...parts }, "", {
      waiter: { resolve, reject },
      queue: { leave() {} },
      deadlines: { note() {} },
    });
    exchange.begin();
    exchange.onHead({ status: 200, headers: {}, fields: [], framing: 10, keeps: true });
    exchange.onPiece(Buffer.from("begun"));
  });
}

function failureOf(error: unknown): unknown {
  return error instanceof WireFailure ? error.fields : error;
}

test("a body that nobody fetches is lent a minute beyond the idle time, and then taken back", async () => {
  const { exchange, response } = await answered();
  const before = performance.now();
  exchange.late();
  expect(exchange.deadline - before).toBeGreaterThan(59_000);
  exchange.late();
  const failure = await response.body.next().catch(failureOf);
  expect(failure).toMatchObject({ code: "BodyUnread", phase: "body" });
});

test("a reader who comes back in that minute waits for the other side as long as any", async () => {
  const { exchange, response } = await answered();
  exchange.late();
  expect(await response.body.next()).toEqual(Buffer.from("begun"));
  const next = response.body.next().catch(failureOf);
  expect(exchange.deadline - performance.now()).toBeLessThan(101);
  exchange.late();
  expect(await next).toMatchObject({ code: "IdleTimeout", phase: "body" });
});

test("a patient one's reader may come when it likes, and then the other side is waited for as long as any", async () => {
  const { exchange, response } = await answered({ isPatient: true });
  for (let time = 0; time < 10; time += 1) exchange.late();
  expect(await response.body.next()).toEqual(Buffer.from("begun"));
  const next = response.body.next().catch(failureOf);
  exchange.late();
  expect(await next).toMatchObject({ code: "IdleTimeout", phase: "body" });
});
