import { createHash } from "node:crypto";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { answer, silence, vastAnswer, ScriptedServer, type Script } from "@holdfast/lab";
import type { Situation } from "./situation.ts";
import { situations } from "./situations.ts";

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

async function serve(script: Script): Promise<ScriptedServer> {
  server = await ScriptedServer.start(script);
  return server;
}

interface Exchange {
  readonly received: string;
  readonly bytes: number;
  readonly ending: string;
}

/** Sends bytes as they are and tells what came back until the peer ended it or was silent for a while. */
async function exchange(port: number, bytes: string): Promise<Exchange> {
  const socket = connect(port, "127.0.0.1");
  let received = Buffer.alloc(0);
  let count = 0;
  socket.on("data", (piece) => {
    count += piece.length;
    if (received.length < 65_536) received = Buffer.concat([received, piece]);
  });
  socket.setTimeout(4000, () => socket.destroy(Object.assign(new Error(), { code: "silent" })));
  socket.write(bytes);
  const ending = await new Promise<string>((resolve) => {
    socket.on("end", () => resolve("end"));
    socket.on("error", (error) => resolve("code" in error ? String(error.code) : error.message));
  });
  socket.destroy();
  return { received: received.toString("latin1"), bytes: count, ending };
}

const plain = "GET /fidelity/object HTTP/1.1\r\nHost: x\r\n\r\n";

test("each situation is on the wire what the table says of it", async () => {
  const lines = await Promise.all(situations.map((situation) => onWire(situation)));
  expect(lines.join("\n")).toMatchInlineSnapshot(`
    "1: 1 x 404, 189 bytes, kept
    1/bucket: 1 x 404, 213 bytes, kept
    1/mark: 1 x 404, 177 bytes, kept
    1/nameless: 1 x 404, 32 bytes, kept
    1/namespace: 1 x 404, 199 bytes, kept
    1/page: 3 x 404, 55 bytes, kept
    2: 1 x 404, 0 bytes, kept
    2/body: 1 x 404, 174 bytes, kept; 1 x 200, 10 bytes, kept
    3: 1 x 403, 0 bytes, kept
    4: 1 x 400, 225 bytes, kept
    4/refreshed: 1 x 400, 225 bytes, kept
    4/signature: 1 x 403, 399 bytes, kept
    4/token: 1 x 400, 225 bytes, kept
    5: 3 x 503, 172 bytes, kept
    5/proxy: 3 x 429, 55 bytes, kept
    5b: 1 x 503, 172 bytes, kept; 1 x 200, 10 bytes, kept
    5b/told: 3 x 503, 172 bytes, kept
    6: 1 x 301, 190 bytes, kept
    6/head: 1 x 301, 0 bytes, kept
    6/loop: 1 x 301, 190 bytes, kept
    6/malformed: 1 x 400, 238 bytes, kept
    6/nowhere: 1 x 301, 190 bytes, kept
    7: 1 x 412, 228 bytes, kept
    7/early: 1 x 412, 192 bytes, kept
    8: 1 x 304, 0 bytes, kept
    9: 1 x 409, 208 bytes, kept; 1 x 200, 0 bytes, kept
    9/each: 3 x 409, 208 bytes, kept
    10: 3 x 500, 65 bytes, kept
    10/banner: 3 x nothing, 21 bytes, end
    10/echo: 1 x 500, 65 bytes, kept
    10/gateway: 3 x 503, 55 bytes, kept
    10/head: 3 x 200, 1000151 bytes, kept
    10b: 3 x 500, 22 bytes, kept
    10c: 3 x 500, 38 bytes, kept
    10c/bomb: 3 x 500, 547 bytes, kept
    10c/empty: 3 x 502, 0 bytes, kept
    10c/short: 1 x 403, 10 bytes, end
    10c/stalled: 1 x 404, 10 bytes, kept
    11: 3 x 200, 182 bytes, kept
    11b: 3 x 200, 182 bytes, kept
    11c: 3 x 200, 182 bytes, kept
    11d: 1 x 200, 0 bytes, kept; 1 x 200, 203 bytes, kept
    11d/each: 3 x 200, 0 bytes, kept
    11e: 3 x 200, 55 bytes, kept
    11e/page: 3 x 200, 65 bytes, kept
    11f: 3 x 200, 183 bytes, kept
    11f/comment: 3 x 200, 197 bytes, kept
    11f/done: 1 x 200, 267 bytes, kept
    11f/white: 3 x 200, 207 bytes, kept
    12: 1 x 200, 1000 bytes, ECONNRESET; 1 x 200, 4000 bytes, kept
    12/busy: 1 x 200, 1000 bytes, ECONNRESET; 1 x 503, 192 bytes, kept; 1 x 200, 4000 bytes, kept
    12/replaced: 1 x 200, 1000 bytes, ECONNRESET; 1 x 412, 192 bytes, kept
    12/twice: 2 x 200, 1000 bytes, ECONNRESET; 1 x 200, 4000 bytes, kept
    12/weak: 1 x 200, 1000 bytes, ECONNRESET
    12/whole: 1 x 200, 1000 bytes, ECONNRESET; 1 x 200, 4000 bytes, kept
    12b: 1 x 200, 1000 bytes, end; 1 x 200, 4000 bytes, kept
    12b/chunked: 1 x 200, 4007 bytes, end
    12b/overstated: 1 x 200, 4000 bytes, end; 1 x 416, 180 bytes, kept
    12b/weak: 1 x 200, 1000 bytes, end
    12c: 1 x 200, 1000 bytes, kept; 1 x 200, 4000 bytes, kept
    12c/weak: 1 x 200, 1000 bytes, kept
    13: 3 x nothing, 0 bytes, ECONNRESET
    13/kept: 2 x 200, 4000 bytes, kept; 1 x nothing, 0 bytes, ECONNRESET
    13/once: 1 x nothing, 0 bytes, ECONNRESET; 1 x 200, 4000 bytes, kept
    14: 
    15: 3 x nothing, 0 bytes, kept
    15/slow: 3 x 200, 2 bytes, kept
    16: 
    16/backoff: 1 x 503, 172 bytes, kept
    16/body: 1 x 200, 1000 bytes, kept
    16/headers: 1 x nothing, 0 bytes, kept
    16/timeout: 1 x nothing, 0 bytes, kept
    17: 1 x 503, 172 bytes, kept; 1 x 200, 0 bytes, kept
    17/factory: 1 x 503, 172 bytes, kept; 1 x 200, 0 bytes, kept
    17/once: 1 x 503, 172 bytes, kept
    18: 1 x 200, 10 bytes, kept
    18/parts: 1 x 200, 10 bytes, kept
    18/seam: 1 x 200, 1000 bytes, ECONNRESET; 1 x 206, 3000 bytes, kept
    19: 3 x 503, 0 bytes, kept
    20: 1 x 404, 0 bytes, kept
    20/complete: 1 x nothing, 0 bytes, ECONNRESET
    20/gone: 1 x 404, 0 bytes, kept
    21: 1 x 403, 196 bytes, kept
    22: 1 x 200, 1911 bytes, kept
    22/encoded: 1 x 200, 1953 bytes, kept
    23: 3 x 500, 200021976 bytes, kept
    23b: 3 x 500, 20054628 bytes, kept"
  `);
});

/** What a situation's replies are to someone who only sees bytes; equal ones are counted. */
async function onWire({ id, script }: Situation): Promise<string> {
  const made = script();
  const subject = await ScriptedServer.start(made);
  const replies: readonly unknown[] = typeof made === "function" ? [made] : made;
  const seen = new Map<string, number>();
  for (const _ of replies) {
    const line = inWords(await exchange(subject.port, plain));
    seen.set(line, (seen.get(line) ?? 0) + 1);
  }
  await subject.close();
  return `${id}: ${[...seen].map(([line, times]) => `${times} x ${line}`).join("; ")}`;
}

function inWords(seen: Exchange): string {
  const status = /^HTTP\/1\.1 (\d+)/.exec(seen.received)?.[1] ?? "nothing";
  const ending = seen.ending === "silent" ? "kept" : seen.ending;
  return `${status}, ${bodyBytes(seen)} bytes, ${ending}`;
}

function bodyBytes({ received, bytes }: Exchange): number {
  const head = received.indexOf("\r\n\r\n");
  return head < 0 ? bytes : bytes - head - 4;
}

test("a request is remembered with its target, its headers and its body's length and hash", async () => {
  const { requests, port } = await serve([answer()]);
  await exchange(
    port,
    "PUT /b/k%2F?x=%20 HTTP/1.1\r\nHost: x\r\nX-Odd:  a b \r\nContent-Length: 5\r\n\r\nbytes",
  );
  expect(requests).toHaveLength(1);
  expect(requests[0]).toMatchObject({
    method: "PUT",
    target: "/b/k%2F?x=%20",
    bodyBytes: 5,
    bodySha256: createHash("sha256").update("bytes").digest("hex"),
    whole: true,
  });
  expect(requests[0]?.headers.get("x-odd")).toBe("a b");
});

test("a body in chunks is read without its framing, however it is cut", async () => {
  const { requests, port } = await serve([answer()]);
  const socket = connect(port, "127.0.0.1");
  const wire =
    "PUT /k HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3;ext=1\r\nbyt\r\n2\r\nes\r\n0\r\nT: 1\r\n\r\n";
  for (const byte of wire.split("")) socket.write(byte);
  await once(socket, "data");
  socket.destroy();
  expect(requests[0]).toMatchObject({ bodyBytes: 5, whole: true });
  expect(requests[0]?.bodyStart.toString()).toBe("bytes");
});

test("who expects 100 Continue is told to go on before the body is read", async () => {
  const { requests, port } = await serve([answer()]);
  const outgoing = httpRequest({
    port,
    method: "PUT",
    path: "/k",
    headers: { expect: "100-continue", "content-length": "5" },
  });
  await once(outgoing, "continue");
  expect(requests[0]).toMatchObject({ whole: false });
  outgoing.end("bytes");
  const [response] = await once(outgoing, "response");
  response.resume();
  await once(response, "end");
  expect(requests[0]).toMatchObject({ bodyBytes: 5, whole: true });
});

test("who is refused by the head alone is not told to go on", async () => {
  const { requests, port } = await serve([{ ...answer({ status: 403 }), after: "head" }]);
  const { received } = await exchange(
    port,
    "PUT /k HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
  );
  expect(received).toMatch(/^HTTP\/1\.1 403 /);
  expect(requests[0]).toMatchObject({ bodyBytes: 0, whole: false });
});

test("requests over one connection are answered in their order, and know that it was one", async () => {
  const { requests, port } = await serve([answer({ body: "first" }), answer({ body: "second" })]);
  const { received } = await exchange(port, plain + plain);
  expect(received.indexOf("first")).toBeLessThan(received.indexOf("second"));
  expect(requests.map(({ connection }) => connection)).toEqual([0, 0]);
});

test("a reset is seen as a reset, also by who was still sending", async () => {
  const { port } = await serve([silence({ does: "reset" }, "head")]);
  const { ending } = await exchange(port, "PUT /k HTTP/1.1\r\nContent-Length: 9999\r\n\r\nsome");
  expect(ending).toBe("ECONNRESET");
});

test("200 MB leave without being held", async () => {
  const subject = await serve([vastAnswer({ status: 500 }, 200_000_000)]);
  const before = process.memoryUsage().rss;
  const { bytes } = await exchange(subject.port, plain);
  expect(bytes).toBeGreaterThan(200_000_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
});

test("a request that nobody scripted is counted", async () => {
  const subject = await serve([]);
  await exchange(subject.port, plain);
  expect(subject.unscripted).toBe(1);
});
