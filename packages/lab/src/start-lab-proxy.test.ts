import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createTlsServer } from "node:https";
import { connect, createServer, type Socket } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { startLab, type Lab } from "./start-lab.ts";
import { startLabProxy, type LabProxy } from "./start-lab-proxy.ts";
import { Upstream, answerOf } from "./wire/upstream.ts";

/** A lab serves as the other server: it is an S3 endpoint with authentication on. */
async function before(): Promise<{ readonly behind: Lab; readonly proxy: LabProxy; s3: S3Client }> {
  const behind = await startLab({ buckets: ["data"] });
  onTestFinished(() => behind.close());
  const proxy = await startLabProxy({ upstream: behind.endpoint });
  onTestFinished(() => proxy.close());
  const { accessKeyId, secretAccessKey } = behind.credentials;
  const s3 = new S3Client({
    endpoint: proxy.endpoint,
    region: behind.region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  onTestFinished(() => s3.destroy());
  return { behind, proxy, s3 };
}

/** A lab before a server that does this with each connection. */
async function beforeServer(attend: (socket: Socket) => void): Promise<LabProxy> {
  const server = createServer(attend).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("not listening");
  return await startLabProxy({ upstream: `http://127.0.0.1:${address.port}` });
}

test("the AWS SDK works through it unmodified, and the server behind sees what was signed", async () => {
  const { behind, proxy, s3 } = await before();
  const where = { Bucket: "data", Key: "a/b c+é.txt" };
  const big = Buffer.alloc(3 * 1024 * 1024, 7);
  await s3.send(new PutObjectCommand({ ...where, Body: big }));
  const { Body } = await s3.send(new GetObjectCommand(where));
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(big)).toBe(true);
  await s3.send(new DeleteObjectCommand(where));
  expect(proxy.requests.map(({ operation, status }) => [operation, status])).toEqual([
    ["PutObject", 200],
    ["GetObject", 200],
    ["DeleteObject", 204],
  ]);
  expect(behind.requests.map(({ target }) => target)).toEqual(
    proxy.requests.map(({ target }) => target),
  );
});

test("a fault befalls what passes, and one that befell nothing is known", async () => {
  const { behind, proxy, s3 } = await before();
  proxy.fault({ operation: "PutObject", times: 1, then: { error: "SlowDown" } });
  proxy.fault({ operation: "GetObject", reset: true });
  await s3.send(new PutObjectCommand({ Bucket: "data", Key: "k", Body: "1" }));
  expect(proxy.requests.map(({ status }) => status)).toEqual([429, 200]);
  expect(behind.requests.map(({ status }) => status)).toEqual([200]);
  expect(proxy.unfired).toEqual([2]);
});

test("what it has no engine or credentials for is refused in a sentence", async () => {
  const { proxy } = await before();
  const partly = { operation: "DeleteObjects" as const, then: { keys: { b: "AccessDenied" } } };
  expect(() => proxy.fault(partly)).toThrow(/then\.keys needs a lab of its own/);
  const headers = { "x-holdfast-fault": JSON.stringify(partly) };
  expect((await fetch(`${proxy.endpoint}/data?delete`, { headers })).status).toBe(400);
  for (const page of ["leftovers", "skew"]) {
    const answer = await fetch(`${proxy.endpoint}/-/lab/${page}`);
    expect([answer.status, await answer.json()]).toEqual([
      501,
      { error: expect.stringContaining("only holdfast lab serve has them") },
    ]);
  }
});

test("all keys of a deletion can be refused before any server, which then hears of none", async () => {
  const { proxy, behind, s3 } = await before();
  await s3.send(new PutObjectCommand({ Bucket: "data", Key: "k", Body: "1" }));
  proxy.fault({ operation: "DeleteObjects", then: { keys: { "*": "AccessDenied" } } });
  const Delete = { Objects: [{ Key: "k" }, { Key: "l" }] };
  const { Errors, Deleted } = await s3.send(new DeleteObjectsCommand({ Bucket: "data", Delete }));
  expect(Errors).toMatchObject([
    { Key: "k", Code: "AccessDenied" },
    { Key: "l", Code: "AccessDenied" },
  ]);
  expect([Deleted, behind.requests.length]).toEqual([undefined, 1]);
});

test("a connection that is not in use is hung up on, and one in use is not", async () => {
  const { proxy, s3 } = await before();
  await s3.send(new PutObjectCommand({ Bucket: "data", Key: "k", Body: "1" }));
  const { hostname, port } = new URL(proxy.endpoint);
  const idle = connect(Number(port), hostname);
  const busy = connect(Number(port), hostname);
  const ended = once(idle.resume(), "close");
  proxy.fault({ operation: "GetObject", stall: true });
  await once(busy, "connect");
  busy.write("GET /data/k HTTP/1.1\r\nhost: a\r\n\r\n");
  await expect.poll(() => proxy.requests.length).toBe(2);
  await proxy.hangUp();
  await ended;
  expect(busy.readyState).toBe("open");
  busy.destroy();
});

test.each(["ftp://a", "http://a/path", "http://u:p@a", "a:9000", ""])(
  "%j is no upstream",
  async (upstream) => {
    await expect(startLabProxy({ upstream })).rejects.toThrow(TypeError);
  },
);

test("a wrong fault at the start leaves nothing listening", async () => {
  const wrong = JSON.parse('{"resett":true}');
  await expect(startLabProxy({ upstream: "http://127.0.0.1:9", faults: [wrong] })).rejects.toThrow(
    /resett is no word of a fault: did you mean reset/,
  );
});

test("a server that is not there is a broken connection", async () => {
  await using proxy = await startLabProxy({ upstream: "http://127.0.0.1:9" });
  await expect(fetch(`${proxy.endpoint}/data/k`)).rejects.toThrow(TypeError);
});

test("behind a refusal that came early, the connection serves the next request, read on or not by the server", async () => {
  const length = 20 * 1024 * 1024;
  await using proxy = await beforeServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.pause().write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
    });
  });
  const { hostname, port } = new URL(proxy.endpoint);
  const client = connect(Number(port), hostname);
  let answers = 0;
  client.on(
    "data",
    (bytes) => (answers += bytes.toString("latin1").split("HTTP/1.1 403").length - 1),
  );
  client.write(`PUT /data/k HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\nx`);
  await expect.poll(() => answers).toBe(1);
  client.write(Buffer.alloc(length - 1));
  client.write("GET /data/k HTTP/1.1\r\nHost: x\r\n\r\n");
  await expect.poll(() => answers, { timeout: 4_000 }).toBe(2);
  client.destroy();
});

test("a connection to the server that lay idle is not trusted with a request", async () => {
  let connections = 0;
  await using proxy = await beforeServer((socket) => {
    connections += 1;
    socket.on("error", () => {});
    socket.on("data", () => socket.write("HTTP/1.1 204 No Content\r\n\r\n"));
  });
  const ask = async (): Promise<number> => (await fetch(`${proxy.endpoint}/data/k`)).status;
  expect([await ask(), connections]).toEqual([204, 1]);
  await wait(2_000);
  expect([await ask(), connections]).toEqual([204, 2]);
});

test("over TLS the server is asked by its own name, whatever host the client signed for", async ({
  skip,
}) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-lab-tls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = { key: join(folder, "key.pem"), cert: join(folder, "cert.pem") };
  try {
    const shape = ["-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"];
    const output = ["-keyout", files.key, "-out", files.cert];
    execFileSync("openssl", ["req", "-x509", ...shape, ...output], { stdio: "pipe" });
  } catch {
    return skip("there is no openssl to make a certificate with");
  }
  const names: string[] = [];
  const server = createTlsServer({
    key: readFileSync(files.key),
    cert: readFileSync(files.cert),
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("not listening");
  const upstream = new Upstream({ protocol: "https:", host: "localhost", port: address.port });
  onTestFinished(() => upstream.close());
  const sent = upstream.open({
    method: "GET",
    target: "/",
    rawHeaders: ["Host", "127.0.0.1:9010"],
  });
  // The certificate is nobody's that this process knows, which it finds out once it has asked for it by name.
  await expect(answerOf(sent.end())).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  expect(names).toEqual(["localhost"]);
});
