import { get } from "node:http";
import { connect } from "node:net";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { AdminError } from "./admin-error.ts";
import { openTestParts, type TestParts } from "./admin-parts.test.support.ts";
import { adminErrors } from "./catalogue.ts";
import type { AdminEvent } from "./event.ts";
import { route, nothing, type RawCall, type Route, type RouteRow } from "./route.ts";
import { fields } from "./schemas/fields.ts";
import { startAdminServer, type AdminServer } from "./server.ts";
import { adminTokenDigest } from "./token.ts";

const token = "a".repeat(43);
const body = fields({
  name: v.string("text"),
  list: v.optional(v.array(fields({ size: v.number("a number") }))),
});

let server: AdminServer;
let made: string[];
let events: AdminEvent[];
let failures: unknown[];

const rows: readonly RouteRow[] = [
  route({
    method: "POST",
    pattern: "/v1/things",
    name: "createThing",
    summary: "Makes one.",
    status: 201,
    path: nothing,
    query: nothing,
    body,
    answer: v.object({ made: v.string() }),
    run: async (call) => {
      if (call.body.name === "crash") throw new Error("a secret path");
      if (call.body.name === "twice") throw new AdminError("already_exists");
      made.push(call.body.name);
      return { made: call.body.name };
    },
  }),
  route({
    method: "DELETE",
    pattern: "/v1/things/{thing}",
    name: "deleteThing",
    summary: "Removes one.",
    status: 204,
    path: fields({ thing: v.string() }),
    query: nothing,
    body: nothing,
    run: async (call) => void made.push(`-${call.path.thing}`),
  }),
  route({
    method: "GET",
    pattern: "/v1/things",
    name: "listThings",
    summary: "All.",
    status: 200,
    openness: "machine",
    path: nothing,
    query: fields({ broken: v.optional(v.string()) }),
    body: nothing,
    pages: ["text/plain"],
    run: async (call) => ({ type: "text/plain", text: lines(call.query.broken !== undefined) }),
  }),
  route({
    method: "GET",
    pattern: "/open",
    name: "open",
    summary: "Open to all.",
    status: 200,
    openness: "open",
    path: nothing,
    query: nothing,
    body: nothing,
    answer: v.object({ ok: v.boolean() }),
    run: async () => ({ ok: true }),
  }),
];

async function* lines(isBroken: boolean): AsyncIterable<string> {
  for (let line = 0; line < 3; line += 1) yield `${line}\n`;
  await Promise.resolve();
  if (isBroken) throw new Error("the disk is gone");
}

let opened: TestParts;
beforeAll(async () => {
  opened = await openTestParts();
});
afterAll(() => opened.close());

beforeEach(async () => {
  [made, events, failures] = [[], [], []];
  const { parts } = opened;
  const routes: readonly Route[] = rows.map((row) =>
    Object.assign({}, row, { run: (call: RawCall) => row.run(call, parts) }),
  );
  server = await startAdminServer({
    routes,
    tokenDigest: adminTokenDigest(token),
    host: "127.0.0.1",
    port: 0,
    hosts: ["Admin.example"],
    record: (event) => events.push(event),
    failed: (_requestId, cause) => failures.push(cause),
  });
});
afterEach(() => server.close({ graceMs: 0 }));

interface Asking {
  readonly method?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

function ask(path: string, { method = "GET", body: sent, headers }: Asking = {}) {
  return fetch(`${server.endpoint}${path}`, {
    method,
    ...(sent !== undefined && { body: sent }),
    headers: {
      authorization: `Bearer ${token}`,
      ...(sent !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
  });
}

const post = (sent: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  ask("/v1/things", { method: "POST", body: sent, headers });

async function refusal(answer: Response): Promise<unknown> {
  expect(answer.headers.get("content-type")).toBe("application/json");
  const document: { readonly error: { code: string; message: string; detail?: unknown } } =
    JSON.parse(await answer.text());
  const { error } = document;
  const row = Object.entries(adminErrors).find(([code]) => code === error.code)?.[1];
  expect([answer.status, error.message]).toEqual([row?.status, row?.message]);
  return [error.code, error.detail];
}

test("what is asked for with the token is done, answered and recorded", async () => {
  const answer = await post('{"name":"one","list":[{"size":1}]}');
  expect([answer.status, await answer.json()]).toEqual([201, { made: "one" }]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const gone = await ask("/v1/things/a%2Fb%20c", { method: "DELETE" });
  expect([gone.status, await gone.text()]).toEqual([204, ""]);
  expect(made).toEqual(["one", "-a/b c"]);
  expect(events).toEqual([
    expect.objectContaining({ action: "createThing", status: 201, code: undefined, path: {} }),
    expect.objectContaining({ action: "deleteThing", status: 204, path: { thing: "a/b c" } }),
  ]);
});

test.each([
  ["no token", {}],
  ["a token with another letter at its end", { authorization: `Bearer ${"a".repeat(42)}b` }],
  ["the beginning of the token", { authorization: `Bearer ${"a".repeat(42)}` }],
  ["the token and more", { authorization: `Bearer ${"a".repeat(44)}` }],
  ["the token by another scheme", { authorization: `Basic ${token}` }],
  ["the token in a cookie", { cookie: `token=${token}` }],
  ["the token's digest", { authorization: `Bearer ${adminTokenDigest(token).toString("hex")}` }],
  ["an endless header", { authorization: `Bearer ${"a".repeat(8000)}` }],
])("%s changes nothing, finds out nothing, and is recorded", async (_, headers) => {
  const asked = (path: string, method: string): Promise<Response> =>
    fetch(`${server.endpoint}${path}`, { method, headers });
  for (const [path, method] of [
    ["/v1/things", "POST"],
    ["/v1/things/x", "DELETE"],
    ["/v1/nothing", "GET"],
    ["/v1/things", "PATCH"],
  ] as const) {
    const answer = await asked(path, method);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
    expect(await refusal(answer)).toEqual(["unauthorized", undefined]);
  }
  expect(made).toEqual([]);
  expect(events.map(({ code }) => code)).toEqual(Array.from({ length: 4 }, () => "unauthorized"));
  expect((await asked("/open", "GET")).status).toBe(200);
});

test.each([
  ["localhost:9001", 200],
  ["127.0.0.1", 200],
  ["127.0.0.1:1", 200],
  ["192.0.2.7:9001", 200],
  ["[::1]:9001", 200],
  ["admin.example", 200],
  ["ADMIN.example:443", 200],
  ["evil.example", 421],
  ["127.0.0.1.evil.example", 421],
  ["localhost.evil.example:9001", 421],
  ["[::1].evil.example", 421],
  ["user@localhost", 421],
])("a request for the host %j is answered with %i", async (host, status) => {
  const answered = new Promise<number | undefined>((resolve, reject) => {
    const { port } = server;
    const asked = get({ host: "127.0.0.1", port, path: "/open", headers: { host } });
    asked.on("error", reject);
    asked.on("response", (response) => {
      response.resume();
      resolve(response.statusCode);
    });
  });
  expect(await answered).toBe(status);
});

test.each([
  ["{", "bad_json", undefined],
  ["[]", "invalid_field", { field: "", expects: "known are name, list" }],
  ["null", "invalid_field", { field: "", expects: "known are name, list" }],
  ["{}", "missing_field", { field: "name" }],
  ['{"name":7}', "invalid_field", { field: "name", expects: "text" }],
  [
    '{"name":"a","lst":[]}',
    "unknown_field",
    { field: "lst", expects: "did you mean list; known are name, list" },
  ],
  ['{"name":"a","__proto__":1}', "unknown_field", { field: "__proto__" }],
  ['{"name":"a","constructor":1}', "unknown_field", { field: "constructor" }],
  [
    '{"name":"a","list":[{"size":1},{"size":1,"sized":2}]}',
    "unknown_field",
    { field: "list[1].sized", expects: "did you mean size; known are size" },
  ],
  ['{"name":"a","list":[{"size":"1"}]}', "invalid_field", { field: "list[0].size" }],
])("the body %s is refused with %s and its place", async (sent, code, detail) => {
  const [said, place] = [await refusal(await post(sent))].flat();
  expect(said).toBe(code);
  if (detail === undefined) expect(place).toBeUndefined();
  else expect(place).toMatchObject(detail);
  expect(made).toEqual([]);
});

test("a body that is missing, not UTF-8 or not declared JSON is refused", async () => {
  const answer = await ask("/v1/things", { method: "POST" });
  expect(await refusal(answer)).toEqual(["missing_field", { field: "" }]);
  const bytes = new Uint8Array([0x22, 0xff, 0x22]);
  const unreadable = await ask("/v1/things", { method: "POST", body: bytes });
  expect(await refusal(unreadable)).toEqual(["bad_json", undefined]);
  const form = await post('{"name":"a"}', { "content-type": "text/plain" });
  expect(await refusal(form)).toEqual(["unsupported_media_type", undefined]);
});

test("a body of more than 64 KiB is refused however it comes, and ends the connection", async () => {
  const name = "x".repeat(64 * 1024);
  const told = await post(JSON.stringify({ name }));
  expect(await refusal(told)).toEqual(["body_too_large", undefined]);
  const socket = connect(server.port, "127.0.0.1");
  const head = `POST /v1/things HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n`;
  socket.write(`${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
  socket.write(`${(70 * 1024).toString(16)}\r\n${"x".repeat(70 * 1024)}\r\n`);
  let answer = "";
  for await (const piece of socket) answer += String(piece);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(made).toEqual([]);
});

test.each([
  ["/v1/thing", "GET", "no_such_path", undefined],
  ["//v1/things", "GET", "no_such_path", undefined],
  ["/v1/things", "PUT", "method_not_allowed", { expects: "POST, GET" }],
  ["/v1/things/%zz", "DELETE", "bad_request", undefined],
  ["/v1/things?brken=1", "GET", "unknown_field", { field: "brken" }],
  ["/v1/things?broken=1&broken=2", "GET", "invalid_field", { field: "broken" }],
] as const)("%s with %s is %s", async (...row) => {
  const [path, method, code, detail] = row;
  const [said, place] = [await refusal(await ask(path, { method }))].flat();
  expect(said).toBe(code);
  if (detail !== undefined) expect(place).toMatchObject(detail);
  expect(made).toEqual([]);
});

test("a failure of the server's own tells its log the cause and the client nothing", async () => {
  expect(await refusal(await post('{"name":"crash"}'))).toEqual(["internal", undefined]);
  expect(failures).toEqual([new Error("a secret path")]);
  expect(await refusal(await post('{"name":"twice"}'))).toEqual(["already_exists", undefined]);
  expect(failures).toHaveLength(1);
  expect(events.map(({ code }) => code)).toEqual(["internal", "already_exists"]);
});

test("an answer of any length comes piece by piece, and one that breaks off is no whole one", async () => {
  expect(await (await ask("/v1/things")).text()).toBe("0\n1\n2\n");
  await expect(ask("/v1/things?broken=1").then((answer) => answer.text())).rejects.toThrow(
    "terminated",
  );
  expect(failures).toEqual([new Error("the disk is gone")]);
});

test("what is open to this machine is not open to somebody behind a proxy on it", async () => {
  const plain = await fetch(`${server.endpoint}/v1/things`);
  expect(plain.status).toBe(200);
  await plain.text();
  const headers = { "x-forwarded-for": "127.0.0.1" };
  const proxied = await fetch(`${server.endpoint}/v1/things`, { headers });
  expect(await refusal(proxied)).toEqual(["unauthorized", undefined]);
});

test("a page of another site is told nothing: no cookie is set and no origin allowed", async () => {
  const headers = { origin: "http://evil.example", "access-control-request-method": "POST" };
  for (const method of ["OPTIONS", "GET"]) {
    const answer = await ask("/open", { method, headers });
    const names = [...answer.headers.keys()];
    expect(names.filter((name) => /^(?:access-control|set-cookie)/.test(name))).toEqual([]);
    await answer.text();
  }
});

test("a connection for something else is not kept", async () => {
  const socket = connect(server.port, "127.0.0.1");
  socket.write("CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n");
  let answer = "";
  for await (const piece of socket) answer += String(piece);
  expect(answer).toBe("");
});
