import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { signRequest } from "@holdfast/protocol";
import { credentials, refusalOf, region, type Ask } from "../s3-subject.test.support.ts";
import { startFront, startRawUpstream, until, type Front, type RawUpstream } from "./front.test.support.ts"; // prettier-ignore

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function upstreamThat(act: RawUpstream["act"]): Promise<RawUpstream> {
  const upstream = await startRawUpstream(act);
  closing.push(() => upstream.close());
  return upstream;
}

async function frontOf(...options: Parameters<typeof startFront>): Promise<Front> {
  const front = await startFront(...options);
  closing.push(() => front.close());
  return front;
}

const get: Ask = { method: "GET", target: "/bucket/key" };
const put: Ask = { method: "PUT", target: "/bucket/key", body: "hello" };
const limits = { connectMs: 1000, headersMs: 1000, idleMs: 1000, restMs: 60_000 };
const ok: RawUpstream["act"] = ({ socket }) =>
  void socket.write('HTTP/1.1 200 OK\r\netag: "x"\r\ncontent-length: 0\r\n\r\n');

/** Addresses at which nobody listens: the ports are given to no service, and no system gives them away. */
const nobody = "http://127.0.0.1:4";
const nobodyElse = "http://127.0.0.1:6";

test("requests go to all endpoints in turn, and past one that is down, uploads too", async () => {
  const one = await upstreamThat(ok);
  const two = await upstreamThat(ok);
  const front = await frontOf([one.endpoint, nobody, two.endpoint], { limits });
  const large = { ...put, body: Buffer.alloc(300_000) };
  for (const ask of [get, put, large, get, put, large, get, put]) {
    expect((await front.send(ask)).status).toBe(200);
  }
  expect(one.seen.length + two.seen.length).toBe(8);
  expect(Math.min(one.seen.length, two.seen.length)).toBeGreaterThan(1);
});

test("where all are down it is said so, and when to come again", async () => {
  const front = await frontOf([nobody, nobodyElse], { limits });
  const got = await front.send(put);
  expect(refusalOf(got)).toMatchObject({ status: 503, Code: "ServiceUnavailable" });
  expect(got.headers["retry-after"]).toBe("1");
  expect(front.records.at(-1)).toMatchObject({ reason: "upstream_unreachable" });
});

test("a host without an address is down", async () => {
  const front = await frontOf(["http://no-such-host.invalid:1"], { limits });
  expect((await front.send(get)).status).toBe(503);
});

test("a read that one endpoint does not answer is answered by the other, and a write is not sent twice", async () => {
  const silent = await upstreamThat(() => {});
  const other = await upstreamThat(ok);
  const front = await frontOf([other.endpoint, silent.endpoint], { limits });
  expect((await front.send(get)).status).toBe(200);
  expect(silent.seen).toHaveLength(1);
  const again = await frontOf([other.endpoint, silent.endpoint], { limits });
  expect(refusalOf(await again.send(put))).toMatchObject({ status: 503 });
  expect(other.seen).toHaveLength(1);
});

test("a request that finds no connection free waits no longer than for a connection", async () => {
  const silent = await upstreamThat(() => {});
  const front = await frontOf([silent.endpoint], {
    limits: { ...limits, headersMs: 4000, connectionsMax: 1, connectMs: 300 },
  });
  const first = front.send(put);
  await until(() => silent.seen.length === 1);
  expect(refusalOf(await front.send(put))).toMatchObject({ status: 503 });
  expect(front.records.at(-1)).toMatchObject({ reason: "upstream_timeout" });
  expect((await first).status).toBe(503);
  expect(silent.seen).toHaveLength(1);
});

test("a client that waits to be told is told to go on by a connection, and not when there is none", async () => {
  const upstream = await upstreamThat((seen) => {
    const look = setInterval(() => {
      if (seen.body.length < 5) return;
      clearInterval(look);
      ok(seen);
    }, 2);
  });
  expect(await expectant(await frontOf([upstream.endpoint], { limits }))).toMatch(
    /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/,
  );
  expect(await expectant(await frontOf([nobody], { limits }))).toMatch(/^HTTP\/1.1 503/);
});

/** What is said to a client that sends its body of five bytes only when it is told to. */
async function expectant(front: Front): Promise<string> {
  const { port } = front.gateway;
  const host = { host: `127.0.0.1:${port}` };
  const signing = { credentials, region, now: Date.now(), payload: "UNSIGNED-PAYLOAD" };
  const signed = signRequest({ method: "PUT", target: "/bucket/key", headers: host }, signing);
  const lines = Object.entries(signed).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(port, "127.0.0.1");
  closing.push(() => void socket.destroy());
  let said = "";
  socket.on("data", (bytes: Buffer) => {
    said += bytes.toString();
    if (said === "HTTP/1.1 100 Continue\r\n\r\n") socket.write("hello");
  });
  socket.write(`PUT /bucket/key HTTP/1.1\r\n${lines.join("")}expect: 100-continue\r\ncontent-length: 5\r\n\r\n`); // prettier-ignore
  await until(() => /HTTP\/1.1 [2-5]\d\d/.test(said));
  return said;
}

const directory = mkdtempSync(join(tmpdir(), "holdfast-upstream-tls-"));
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
  } finally {
    rmSync(directory, { recursive: true });
  }
}
const pair = certificate();

test("over TLS, bodies go unsigned and customers' keys go on, to who is trusted alone", async ({
  skip,
}) => {
  if (pair === undefined) return skip("there is no openssl to make a certificate with");
  const heads: NodeJS.Dict<string | string[]>[] = [];
  const server: Server = createServer(pair, (request, response) => {
    heads.push(request.headers);
    request.resume().on("end", () => response.writeHead(200, { etag: '"x"' }).end());
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  closing.push(() => void server.close());
  const endpoint = `https://localhost:${port}`;
  const key = { "x-amz-server-side-encryption-customer-algorithm": "AES256" };
  const large = { ...put, headers: key, body: Buffer.alloc(300_000), payload: "UNSIGNED-PAYLOAD" };
  const trusting = await frontOf([endpoint], { limits, ca: pair.cert });
  expect((await trusting.send(large)).status).toBe(200);
  expect(heads[0]).toMatchObject({ ...key, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" });
  const wary = await frontOf([endpoint], { limits });
  expect((await wary.send(large)).status).toBe(503);
  expect(heads).toHaveLength(1);
});

test("who takes the connection and does not begin with TLS is given up", async () => {
  const silent = await upstreamThat(() => {});
  const front = await frontOf([silent.endpoint.replace("http:", "https:")], { limits });
  expect((await front.send(get)).status).toBe(503);
  expect(front.records.at(-1)).toMatchObject({ reason: "upstream_timeout" });
});
