import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { afterAll, afterEach, expect, test } from "vitest";
import { collect } from "../bodies/collect.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import type { TransportRequest } from "./transport.ts";
import { WireTransport, type WireTransportOptions } from "./wire-transport.ts";

const directory = mkdtempSync(join(tmpdir(), "holdfast-tls-"));
afterAll(() => rmSync(directory, { recursive: true }));

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).toReversed()) close();
});

/** A certificate for `localhost` and its key; undefined where there is no openssl to make one with. */
function certificate(): { readonly key: string; readonly cert: string } | undefined {
  const [key, cert] = [`${directory}/key.pem`, `${directory}/cert.pem`];
  try {
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const shape = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const output = ["-keyout", key, "-out", cert, "-days", "2"];
    execFileSync("openssl", ["req", "-x509", ...shape, ...output, ...subject], { stdio: "pipe" });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } catch {
    return undefined;
  }
}

const pair = certificate();
const length = 5_000_000;
const bytes = randomBytes(length);

interface Seen {
  readonly reused: boolean;
  readonly servername: string | false | null;
  readonly protocol: string | false | null;
  received: number;
}

/** Answers each request with the object, and notes by what connection it came. */
async function serve(options: Partial<WireTransportOptions>): Promise<{
  seen: Seen[];
  send: (parts?: Partial<TransportRequest>) => ReturnType<WireTransport["send"]>;
}> {
  const seen: Seen[] = [];
  const server = createServer({ ...pair }, (request, response) => {
    const { socket } = request;
    if (!(socket instanceof TLSSocket)) throw new TypeError("not over TLS");
    const one: Seen = {
      reused: socket.isSessionReused(),
      servername: "servername" in socket ? String(socket.servername) : null,
      protocol: socket.alpnProtocol,
      received: 0,
    };
    seen.push(one);
    request.on("data", (piece: Buffer) => (one.received += piece.length));
    request.on("end", () => {
      if (request.url === "/close") response.setHeader("connection", "close");
      response.setHeader("content-length", length).end(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const transport = new WireTransport({ connectionsMax: 2, ...options });
  closing.push(() => server.close());
  closing.push(() => server.closeAllConnections());
  closing.push(() => transport.close());
  const send = (parts: Partial<TransportRequest> = {}): ReturnType<WireTransport["send"]> =>
    transport.send({
      secure: true,
      hostname: "localhost",
      port,
      method: "GET",
      target: "/",
      headers: { host: "localhost" },
      body: undefined,
      timeouts: { connectMs: 5_000, headersMs: 5_000, idleMs: 5_000 },
      signal: undefined,
      ...parts,
    });
  return { seen, send };
}

const without = pair === undefined ? "there is no openssl to make a certificate with" : "";

test("bodies go both ways over TLS, and a slow reader makes the other side wait", async ({
  skip,
}) => {
  skip(without !== "", without);
  const { seen, send } = await serve({ ca: pair?.cert });
  const headers = { host: "localhost", "content-length": String(length) };
  const put = await send({ method: "PUT", headers, body: bytes });
  expect((await collect(put.body, length)).bytes.equals(bytes)).toBe(true);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < length; at += 100_000) yield bytes.subarray(at, at + 100_000);
  }
  const { body } = await send({ method: "PUT", headers, body: pieces() });
  const read: Buffer[] = [];
  for (let piece = await body.next(); piece !== undefined; piece = await body.next()) {
    read.push(piece);
    await sleep(2);
  }
  expect(Buffer.concat(read).equals(bytes)).toBe(true);
  expect(seen).toMatchObject([
    { received: length, servername: "localhost", protocol: "http/1.1" },
    { received: length },
  ]);
});

test("what was decrypted while its reader still has a piece is not read over it", async ({
  skip,
}) => {
  skip(without !== "", without);
  const { send } = await serve({ ca: pair?.cert });
  const { body } = await send();
  body.reuse();
  const read: Buffer[] = [];
  for (let piece = await body.next(); piece !== undefined; piece = await body.next()) {
    const before = Buffer.from(piece);
    if (read.length % 50 === 0) await sleep(2);
    expect(piece.equals(before)).toBe(true);
    read.push(before);
  }
  expect(Buffer.concat(read).equals(bytes)).toBe(true);
});

test("a second connection goes on with the first one's session", async ({ skip }) => {
  skip(without !== "", without);
  const { seen, send } = await serve({ ca: pair?.cert });
  for (let count = 0; count < 3; count += 1) {
    const { body } = await send({ target: "/close" });
    await collect(body, length);
  }
  expect(seen.map(({ reused }) => reused)).toEqual([false, true, true]);
});

test("a certificate that nobody vouches for, or of another name, ends it before a byte is sent", async ({
  skip,
}) => {
  skip(without !== "", without);
  const unknown = await serve({});
  const failure = (error: unknown): unknown => error instanceof WireFailure && error.fields;
  expect(await unknown.send().catch(failure)).toMatchObject({
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    phase: "connect",
  });
  const named = await serve({ ca: pair?.cert });
  expect(await named.send({ hostname: "127.0.0.1" }).catch(failure)).toMatchObject({
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
    phase: "connect",
  });
  expect([unknown.seen, named.seen]).toEqual([[], []]);
});

test("a large body that moves, however slowly, is in time", async ({ skip }) => {
  skip(without !== "", without);
  const large = Buffer.alloc(24_000_000);
  const server = createTlsServer({ ...pair }, (socket) => {
    let left = 0;
    let read = 0;
    const began = performance.now();
    socket.on("error", () => undefined);
    socket.on("data", (piece: Buffer) => {
      if (left === 0) left = piece.indexOf("\r\n\r\n") + 4 + large.length;
      left -= piece.length;
      read += piece.length;
      // As many bytes a millisecond, and no fewer where the process was held up: the system tells of room in large steps.
      const early = began + read / 6_000 - performance.now();
      if (early > 1) {
        socket.pause();
        setTimeout(() => socket.resume(), early);
      }
      if (left === 0) socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  const transport = new WireTransport({ connectionsMax: 1, ca: pair?.cert });
  closing.push(() => transport.close());
  const address = server.address();
  async function* whole(): AsyncGenerator<Uint8Array> {
    yield large;
  }
  for (const body of [large, whole()]) {
    const { status } = await transport.send({
      secure: true,
      hostname: "localhost",
      port: typeof address === "object" && address !== null ? address.port : 0,
      method: "PUT",
      target: "/",
      headers: { host: "localhost", "content-length": String(large.length) },
      body,
      timeouts: { connectMs: 5_000, headersMs: 5_000, idleMs: 1_500 },
      signal: undefined,
    });
    expect(status).toBe(200);
  }
});
