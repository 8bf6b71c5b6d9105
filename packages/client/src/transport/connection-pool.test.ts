import type { Socket } from "node:net";
import { getEventListeners, once, setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { collect } from "../bodies/collect.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { Dice } from "./answers.test.support.ts";
import { RawServer, type RawHandler } from "./raw-server.test.support.ts";
import { WireTransport } from "./wire-transport.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).toReversed()) close();
});

async function connect(
  handler: RawHandler,
  connectionsMax: number,
): Promise<{ server: RawServer; transport: WireTransport }> {
  const server = await RawServer.start(handler);
  const transport = new WireTransport({ connectionsMax });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  return { server, transport };
}

function targetOf(head: string): string {
  return head.split(" ")[1] ?? "";
}

function whole(text: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
}

/** What a request came to: the text of its answer, or the code of its failure. */
async function outcome(
  transport: WireTransport,
  request: ReturnType<RawServer["request"]>,
): Promise<string> {
  try {
    const { body } = await transport.send(request);
    const { bytes, error } = await collect(body, 2 ** 20);
    if (error !== undefined) throw error;
    return bytes.toString();
  } catch (error) {
    if (error instanceof WireFailure) return error.fields.code;
    throw error;
  }
}

/** Ways to answer a request, or not to. Each tells when it is done with it. */
const answers: readonly ((socket: Socket, text: string, done: () => void) => void)[] = [
  (socket, text, done) => {
    done();
    socket.write(whole(text));
  },
  (socket, text, done) => {
    setTimeout(() => {
      done();
      socket.write(whole(text));
    }, 3);
  },
  (socket, text, done) => {
    const bytes = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
    socket.write(bytes.slice(0, 60));
    setTimeout(() => {
      done();
      socket.write(bytes.slice(60));
    }, 2);
  },
  (socket, text, done) => {
    done();
    socket.end(`HTTP/1.1 200 OK\r\n\r\n${text}`);
  },
  (socket, text, done) => {
    done();
    socket.write(`${whole(text)}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`);
  },
  (socket, text, done) => {
    done();
    socket.write(whole(text).replace("\r\n", "\r\nConnection: close\r\n"));
  },
  (socket, text) => socket.end(whole(`${text}, of which more was due`).slice(0, -5)),
  (socket) => socket.resetAndDestroy(),
  (socket) => socket.end(),
  (socket) => socket.write("no HTTP\r\n\r\n"),
];

test(`no connection has two requests at once, none is lost, and every answer is the request's own (HOLDFAST_SEED=${seed})`, async () => {
  const dice = new Dice(seed);
  const connectionsMax = 3;
  const busy = new Set<Socket>();
  const faults: string[] = [];
  const { server, transport } = await connect(
    {
      onHead(socket, head) {
        if (busy.has(socket)) faults.push(`${targetOf(head)} was sent on a busy connection`);
        busy.add(socket);
        const act = answers[dice.below(dice.of([2, answers.length]))];
        act?.(socket, `the answer to ${targetOf(head)}`, () => busy.delete(socket));
      },
    },
    connectionsMax,
  );
  const told = new Map<string, number>();
  const { signal } = new AbortController();
  setMaxListeners(Infinity, signal);
  for (let round = 0; round < 60; round += 1) {
    const calls = Array.from({ length: 1 + dice.below(12) }, async (_, index) => {
      const target = `/${round}/${index}`;
      const controller = new AbortController();
      const wantsAbort = dice.below(4) === 0;
      const timer = wantsAbort ? setTimeout(() => controller.abort(), dice.below(8)) : undefined;
      const method = dice.of(["GET", "PUT"]);
      const body = method === "PUT" ? Buffer.alloc(dice.of([0, 10, 100_000])) : undefined;
      const request = server.request(target, {
        method,
        body,
        signal: wantsAbort ? controller.signal : signal,
        timeouts: { connectMs: 2_000, headersMs: 2_000, idleMs: 2_000 },
      });
      const came = await outcome(transport, request);
      clearTimeout(timer);
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
      const isAnswer = came.startsWith("the answer");
      if (isAnswer && came !== `the answer to ${target}`) faults.push(`${target}: ${came}`);
      const kind = isAnswer ? "answered" : came;
      told.set(kind, (told.get(kind) ?? 0) + 1);
    });
    await Promise.all(calls);
    await expect
      .poll(() => server.sockets.size, { interval: 2 })
      .toBeLessThanOrEqual(connectionsMax);
  }
  console.log(`${server.accepted} connections: ${JSON.stringify(Object.fromEntries(told))}`);
  expect(faults).toEqual([]);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
  expect([...told.keys()].toSorted()).toEqual(
    expect.arrayContaining([
      "Aborted",
      "ECONNRESET",
      "MalformedResponse",
      "TruncatedBody",
      "answered",
    ]),
  );
  expect(told.has("PoolTimeout")).toBe(false);
  transport.close();
  await expect.poll(() => server.sockets.size).toBe(0);
});

test("who waits for a connection is served in order, and who has gone is passed over", async () => {
  const seen: string[] = [];
  const { server, transport } = await connect(
    {
      onHead(socket, head) {
        seen.push(targetOf(head));
        setTimeout(() => socket.write(whole("x")), 2);
      },
    },
    1,
  );
  const controllers = Array.from({ length: 20 }, () => new AbortController());
  const calls = controllers.map(({ signal }, index) =>
    outcome(transport, server.request(`/${index}`, { signal })),
  );
  const gone = [3, 4, 11, 19];
  for (const index of gone) controllers[index]?.abort();
  const outcomes = await Promise.all(calls);
  expect(outcomes.filter((one) => one === "Aborted")).toHaveLength(gone.length);
  const kept = controllers.map((_, index) => index).filter((index) => !gone.includes(index));
  expect(seen).toEqual(kept.map((index) => `/${index}`));
  expect(server.accepted).toBe(1);
});

test("the connection used last is the first to be used again", async () => {
  const used: Socket[] = [];
  let answered = 0;
  const { server, transport } = await connect(
    {
      onHead(socket) {
        used.push(socket);
        if (used.length > 3) socket.write(whole("x"));
      },
    },
    3,
  );
  const calls = [1, 2, 3].map(async (one) => {
    await outcome(transport, server.request(`/${one}`));
    answered += 1;
  });
  await expect.poll(() => used.length).toBe(3);
  for (const [at, socket] of used.entries()) {
    socket.write(whole("x"));
    await expect.poll(() => answered).toBe(at + 1);
  }
  await Promise.all(calls);
  await outcome(transport, server.request("/last"));
  expect(used[3]).toBe(used[2]);
});

test("a byte on a connection that nobody uses ends it", async () => {
  const { server, transport } = await connect(
    { onHead: (socket) => void socket.write(whole("x")) },
    2,
  );
  expect(await outcome(transport, server.request("/1"))).toBe("x");
  for (const socket of server.sockets)
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
  await expect.poll(() => server.sockets.size).toBe(0);
  expect(await outcome(transport, server.request("/2"))).toBe("x");
  expect(server.accepted).toBe(2);
});

test("a connection over which more came than the answer is not used again", async () => {
  const { server, transport } = await connect(
    { onHead: (socket) => void socket.write(`${whole("x")}HTTP/1.1 200 OK\r\n`) },
    2,
  );
  expect(await outcome(transport, server.request("/1"))).toBe("x");
  expect(await outcome(transport, server.request("/2"))).toBe("x");
  expect(server.accepted).toBe(2);
});

test.each(["one after the other", "at once"])(
  "what follows an answer that fills its read to the last byte is no answer to the next request (%s)",
  async (how) => {
    const start = "HTTP/1.1 200 OK\r\nContent-Length: 16342\r\n\r\n";
    const { server, transport } = await connect(
      {
        onHead(socket, head) {
          if (targetOf(head) === "/2") setTimeout(() => socket.write(whole("true")), 20);
          else socket.write(`${start}${"a".repeat(16_384 - start.length)}${whole("poison")}`);
        },
      },
      1,
    );
    const first = outcome(transport, server.request("/1"));
    if (how !== "at once") await first;
    const second = outcome(transport, server.request("/2"));
    expect((await first).length).toBe(16_342);
    expect(await second).toBe("MalformedResponse");
    expect(await outcome(transport, server.request("/2"))).toBe("true");
  },
);

test("an answer without a body that announces one is the last of its connection", async () => {
  for (const said of ["Content-Length: 5", "Transfer-Encoding: chunked"]) {
    const { server, transport } = await connect(
      {
        onHead: (socket) => void socket.write(`HTTP/1.1 204 No Content\r\n${said}\r\n\r\n`),
      },
      1,
    );
    for (let count = 0; count < 2; count += 1)
      expect(await outcome(transport, server.request("/", { method: "PUT" }))).toBe("");
    expect(server.accepted).toBe(2);
  }
});

test("a server that keeps connections for years costs no timer that fires at once", async () => {
  const hint = "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=9999999\r\nContent-Length: 0\r\n\r\n";
  const { server, transport } = await connect({ onHead: (socket) => void socket.write(hint) }, 1);
  const warnings: string[] = [];
  const note = ({ name }: Error): unknown => warnings.push(name);
  process.on("warning", note);
  closing.push(() => process.off("warning", note));
  const timeouts = { connectMs: 0, headersMs: 0, idleMs: 0 };
  await outcome(transport, server.request("/", { timeouts }));
  await sleep(20);
  expect(warnings).toEqual([]);
});

test("bytes that their owner took away while they waited are not sent as a part of themselves", async () => {
  const { server, transport } = await connect(
    { onHead: (socket) => void socket.write(whole("x")) },
    1,
  );
  const body = new Uint8Array(10);
  const put = outcome(transport, server.request("/1", { method: "PUT", body }));
  structuredClone(body.buffer, { transfer: [body.buffer] });
  expect(await put).toBe("BodySourceFailed");
  expect(await outcome(transport, server.request("/2"))).toBe("x");
  expect(server.accepted).toBe(2);
});

test("a connection is left before the server says that it drops it, and after its idle time", async () => {
  const hint = "HTTP/1.1 200 OK\r\nKeep-Alive: timeout=8\r\nContent-Length: 0\r\n\r\n";
  const kept = new Map<string, Promise<number>>();
  const { server, transport } = await connect(
    {
      onHead(socket, head) {
        const answered = performance.now();
        kept.set(
          targetOf(head),
          once(socket, "close").then(() => performance.now() - answered),
        );
        socket.write(targetOf(head) === "/hint" ? hint : whole(""));
      },
    },
    2,
  );
  const requests = [
    server.request("/hint", { keptMs: 60_000 }),
    server.request("/idle", {
      timeouts: { connectMs: 20_000, headersMs: 20_000, idleMs: 500 },
    }),
  ];
  await Promise.all(requests.map((request) => outcome(transport, request)));
  const [hinted = 0, idle = 0] = await Promise.all([kept.get("/hint"), kept.get("/idle")]);
  expect(hinted).toBeGreaterThan(4_000);
  expect(hinted).toBeLessThan(8_000);
  expect(idle).toBeGreaterThan(490);
  expect(idle).toBeLessThan(5_000);
});

test("closing ends those that wait, those under way and those that nobody uses", async () => {
  const { server, transport } = await connect(
    { onHead: (socket, head) => void (targetOf(head) === "/ok" && socket.write(whole("x"))) },
    2,
  );
  expect(await outcome(transport, server.request("/ok"))).toBe("x");
  const calls = Array.from({ length: 5 }, () => outcome(transport, server.request("/stall")));
  await sleep(20);
  transport.close();
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 5 }, () => "Aborted"));
  await expect.poll(() => server.sockets.size).toBe(0);
  expect(await outcome(transport, server.request("/ok"))).toBe("Aborted");
});

test("certificates that are none are told as that, to each who waits", async () => {
  const transport = new WireTransport({ connectionsMax: 1, ca: JSON.parse("[5]") });
  closing.push(() => transport.close());
  const { server } = await connect({}, 1);
  const calls = [1, 2, 3].map(() => outcome(transport, server.request("/", { secure: true })));
  expect(new Set(await Promise.all(calls))).toEqual(new Set(["InvalidConfiguration"]));
});
