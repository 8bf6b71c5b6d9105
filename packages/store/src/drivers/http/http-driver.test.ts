import { createServer, type Server } from "node:net";
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import type { Fault, Fixture, Subject } from "../../conformance/cell.ts";
import { conformance } from "../../conformance/conformance.ts";
import { recorded } from "../../conformance/recorded.test.support.ts";
import { Store } from "../../store.ts";
import { HttpDriver, type HttpDriverOptions } from "./http-driver.ts";
import { cut, page, ScriptedWeb, type Reply } from "./scripted-web.test.support.ts";

interface WebFixture extends Fixture {
  readonly web: ScriptedWeb;
}

const secret = "Bearer a-secret-token";

async function make(options: Partial<HttpDriverOptions> = {}): Promise<WebFixture> {
  const web = new ScriptedWeb();
  await web.start();
  const headers = { authorization: secret };
  const driver = new HttpDriver({ baseUrl: web.url, attemptsMax: 1, headers, ...options });
  const store = Store.over(driver);
  return {
    web,
    driver,
    store,
    leftovers: async () => [],
    end: async () => {
      await store.close();
      await web.close();
    },
    async seed(files): Promise<void> {
      for (const [path, content] of Object.entries(files))
        web.files.set(path, Buffer.from(content));
    },
    async dropContainer(): Promise<void> {
      web.isThere = false;
      web.files.clear();
    },
    async denyAll(): Promise<void> {
      web.isDenied = true;
    },
    async faultNext(fault): Promise<void> {
      const reply = faults[fault];
      if (reply !== undefined) web.next(reply);
    },
  };
}

const faults: Readonly<Partial<Record<Fault, Reply>>> = {
  reset: (request) => void request.socket.destroy(),
  unavailable: (_request, response) => page(response, 503),
  throttled: (_request, response) => page(response, 429, { "retry-after": "1" }),
  truncated: cut(Buffer.alloc(1000), 500, "break"),
};

const subject: Subject = {
  name: "http",
  make: () => make(),
  without: { "refused-keys": "It deletes nothing." },
  secrets: [secret],
};

await conformance(subject, test, { results: recorded });

let fixture: WebFixture;
let web: ScriptedWeb;
let store: Store;

beforeEach(() => remake());

afterEach(() => fixture.end());

async function remake(options: Partial<HttpDriverOptions> = {}): Promise<void> {
  await fixture?.end();
  fixture = await make(options);
  ({ web, store } = fixture);
}

const bytes = Buffer.from(Array.from({ length: 4000 }, (_, index) => index % 251));

async function read(options: {
  offset?: number;
  length?: number;
  ifMatch?: string;
}): Promise<Buffer> {
  return Buffer.from(await store.readBytes("f", options));
}

test("any range is what it is of the whole, from servers that know ranges and from those that do not", async () => {
  web.files.set("f", bytes);
  for (const lacking of [[], ["ranges"], ["etag", "conditions"], ["head"]] as const) {
    web.lacks.clear();
    for (const lack of lacking) web.lacks.add(lack);
    for (const offset of [0, 1, 2000, 3999, 4000, 9000]) {
      for (const length of [undefined, 1, 100, 9000]) {
        const range = { offset, ...(length !== undefined && { length }) };
        const due = bytes.subarray(offset, length === undefined ? undefined : offset + length);
        expect((await read(range)).equals(due)).toBe(true);
      }
    }
    expect((await store.getFileInfo("f")).size).toBe(4000);
  }
});

test("an empty file is a file, also to a server without HEAD", async () => {
  web.files.set("f", Buffer.alloc(0));
  for (const lack of ["etag", "head"] as const) {
    web.lacks.add(lack);
    expect(await read({})).toHaveLength(0);
    expect(await read({ offset: 5, length: 5 })).toHaveLength(0);
    expect((await store.getFileInfo("f")).size).toBe(0);
  }
});

test("what the answers say of a file is what its info says; a weak etag is none", async () => {
  web.files.set("f", bytes);
  const info = await store.getFileInfo("f");
  const modifiedAt = new Date("2026-11-20T10:00:00Z");
  expect(info).toMatchObject({ size: 4000, contentType: "text/plain", modifiedAt });
  expect(info.etag).toMatch(/^[0-9a-f]{32}$/);
  web.next((_request, response) => page(response, 200, { etag: 'W/"x"', "last-modified": "soon" }));
  expect(await store.getFileInfo("f")).not.toHaveProperty("etag");
});

test("a condition holds or is PreconditionFailed, also of a server that passes over it", async () => {
  web.files.set("f", bytes);
  const { etag = "" } = await store.getFileInfo("f");
  for (const lack of ["head", "conditions", "etag"] as const) {
    web.lacks.add(lack);
    for (const range of [{}, { offset: 5 }, { offset: 9000 }]) {
      if (lack !== "etag") expect(await read({ ifMatch: etag, ...range })).toBeInstanceOf(Buffer);
      for (const ifMatch of [
        ...(lack === "etag" ? [etag] : []),
        "other",
        "*",
        "a\r\nb",
        "",
        'a"b',
      ]) {
        await expect(read({ ifMatch, ...range })).rejects.toMatchObject({
          name: "PreconditionFailed",
        });
      }
    }
  }
});

const statuses: readonly (readonly [status: number, name: string, retryable: boolean])[] = [
  [204, "BackendUnavailable", false],
  [206, "BackendUnavailable", false],
  [304, "BackendUnavailable", false],
  [400, "RemoteStoreError", false],
  [401, "PermissionDenied", false],
  [403, "PermissionDenied", false],
  [404, "NotFound", false],
  [408, "BackendUnavailable", true],
  [410, "NotFound", false],
  [412, "PreconditionFailed", false],
  [418, "RemoteStoreError", false],
  [423, "ResourceLocked", false],
  [429, "Throttled", true],
  [500, "BackendUnavailable", true],
  [502, "BackendUnavailable", true],
  [503, "BackendUnavailable", true],
  [504, "BackendUnavailable", true],
  [507, "QuotaExceeded", false],
];

test.each(statuses)("%i is %s, and its page is no content", async (status, name, retryable) => {
  const failed = { name, status, retryable, path: "f", backend: "http" };
  for (const work of [() => store.readBytes("f"), () => store.getFileInfo("f")]) {
    web.next((_request, response) => page(response, status));
    await expect(work()).rejects.toMatchObject(failed);
  }
});

test("how long to wait is told in seconds, be it a number or a date", async () => {
  for (const wait of ["7", new Date(Date.now() + 7500).toUTCString()]) {
    web.next((_request, response) => page(response, 429, { "retry-after": wait }));
    const error: unknown = await store.readBytes("f").catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "Throttled" });
    expect(Reflect.get(Object(error), "retryAfter")).toBeOneOf([6, 7, 8]);
  }
});

test("what passes is asked again, as often as it may be", async () => {
  await remake({ attemptsMax: 3 });
  web.files.set("f", bytes);
  web.next(
    (_request, response) => page(response, 503),
    (request) => void request.socket.destroy(),
  );
  expect((await read({})).equals(bytes)).toBe(true);
  expect(web.requests).toHaveLength(3);
  web.next((_request, response) => page(response, 403));
  await expect(read({})).rejects.toMatchObject({ name: "PermissionDenied" });
  expect(web.requests).toHaveLength(4);
});

test("a part that was not asked for is refused, whatever it claims", async () => {
  const parts = [
    "bytes 0-9/100",
    "bytes 5-14/*",
    "bytes 5-20/100",
    "bytes 5-8/100",
    "items 5-14/100",
    "",
  ];
  for (const range of parts) {
    web.next((_request, response) => {
      response
        .writeHead(206, { "content-length": 10, "content-range": range })
        .end(Buffer.alloc(10));
    });
    await expect(read({ offset: 5, length: 10 })).rejects.toMatchObject({
      name: "BackendUnavailable",
      retryable: false,
    });
  }
});

test("a compressed answer is refused: its bytes and its length are not the file's", async () => {
  const gzip: Reply = (_request, response) => page(response, 200, { "content-encoding": "gzip" });
  web.next(gzip, gzip);
  const refused = { name: "CapabilityNotSupported", path: "f" };
  await expect(read({})).rejects.toMatchObject(refused);
  await expect(store.getFileInfo("f")).rejects.toMatchObject(refused);
  expect(web.requests.map(({ headers }) => headers["accept-encoding"])).toEqual([
    "identity",
    "identity",
  ]);
});

test("a file whose length nobody states is refused: where it ends would be a guess", async () => {
  web.files.set("f", bytes);
  web.lacks.add("length").add("ranges");
  const refused = { name: "BackendUnavailable", retryable: false };
  await expect(read({})).rejects.toMatchObject(refused);
  await expect(store.getFileInfo("f")).rejects.toMatchObject(refused);
});

test("a body that breaks off is never an end", async () => {
  web.next(cut(bytes, 1500, "break"));
  const stream = await store.read("f");
  let received = 0;
  const all = async (): Promise<void> => {
    for await (const piece of stream) received += piece.byteLength;
  };
  await expect(all()).rejects.toMatchObject({ name: "BackendUnavailable", retryable: true });
  expect(received).toBe(1500);
});

test("a body that breaks off goes on where it was, of the same file or not at all", async () => {
  await remake({ attemptsMax: 3 });
  web.files.set("f", bytes);
  const { etag = "" } = await store.getFileInfo("f");
  const broken: Reply = (_request, response) => {
    response.writeHead(200, { "content-length": bytes.length, etag: `"${etag}"` });
    response.write(bytes.subarray(0, 1500));
    setTimeout(() => response.destroy(), 20);
  };
  web.next(broken);
  expect((await read({})).equals(bytes)).toBe(true);
  expect(web.requests.at(-1)?.headers).toMatchObject({
    range: "bytes=1500-3999",
    "if-range": `"${etag}"`,
  });
  web.files.set("f", Buffer.from(bytes.toReversed()));
  web.next(broken);
  await expect(read({})).rejects.toMatchObject({ name: "ModifiedDuringRead", path: "f" });
  web.next(broken);
  web.lacks.add("ranges");
  await expect(read({})).rejects.toMatchObject({ name: "ModifiedDuringRead" });
});

test("a connection, an answer and a body each have their time", async () => {
  const patient = { connectMs: 20_000, headersMs: 20_000, idleMs: 20_000 };
  await remake({ timeouts: { ...patient, headersMs: 150 } });
  web.next(() => {});
  const late = { name: "BackendUnavailable", retryable: true };
  await expect(read({})).rejects.toMatchObject({ ...late, code: "HeadersTimeout" });
  await remake({ timeouts: { ...patient, idleMs: 150 } });
  web.next(cut(bytes, 1500, "stall"));
  await expect(read({})).rejects.toMatchObject({ ...late, code: "IdleTimeout" });
});

test("a peer that speaks no HTTP, hangs up or is not there is BackendUnavailable", async () => {
  const says = async (text: string): Promise<number> => {
    const server = createServer((socket) => socket.on("error", () => {}).end(text));
    onTestFinished(() => void server.close());
    return listening(server);
  };
  const ports = [
    await says("SSH-2.0-x\r\n"),
    await says(""),
    await says("HTTP/1.1 101 Switching\r\n\r\n"),
    9,
  ];
  for (const port of ports) {
    const driver = new HttpDriver({ baseUrl: `http://127.0.0.1:${port}`, attemptsMax: 1 });
    await using other = Store.over(driver);
    await expect(other.readBytes("f")).rejects.toMatchObject({ name: "BackendUnavailable" });
  }
});

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(address !== null && typeof address === "object" ? address.port : 0);
    });
  });
}

test("a signal ends a request that is not answered, and a body that stalls", async () => {
  web.next(() => {});
  const options = { signal: AbortSignal.timeout(100) };
  await expect(store.readBytes("f", options)).rejects.toMatchObject({ name: "Aborted" });
  web.next(cut(bytes, 1500, "stall"));
  const late = { signal: AbortSignal.timeout(200) };
  await expect(store.readBytes("f", late)).rejects.toMatchObject({ name: "Aborted" });
});

test("whoever has read enough gives the connection back, and so does one who reads nothing", async () => {
  web.files.set("f", Buffer.alloc(50 * 2 ** 20));
  web.lacks.add("ranges");
  expect(await read({ offset: 10, length: 10 })).toHaveLength(10);
  await (await store.read("f")).dispose();
  await expect.poll(() => web.connections()).toBe(0);
});

test("redirects are followed some times, and the headers go to their own origin alone", async () => {
  const other = new ScriptedWeb();
  await other.start();
  onTestFinished(() => other.close());
  web.files.set("f", bytes);
  other.files.set("f", bytes);
  const to =
    (location: string): Reply =>
    (_request, response) =>
      page(response, 302, { location });
  web.next(to("/base/x"), to("f"));
  expect((await read({ offset: 5 })).equals(bytes.subarray(5))).toBe(true);
  web.next(to(`${other.url}/f`));
  expect((await read({})).equals(bytes)).toBe(true);
  expect(web.requests.map(({ headers }) => headers.authorization)).toEqual([
    secret,
    secret,
    secret,
    secret,
  ]);
  expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  const refused = { name: "BackendUnavailable", retryable: false, status: 302 };
  for (const location of ["ftp://127.0.0.1/f", "http://:/", "file:///etc/passwd"]) {
    web.next(to(location));
    await expect(read({})).rejects.toMatchObject(refused);
  }
  web.next(...Array.from({ length: 9 }, () => to("/base/f")));
  await expect(read({})).rejects.toMatchObject(refused);
});

test("no key leads out of the base, asks for something else or names another file", async () => {
  const keys = [
    "a?b",
    "a#b",
    "%2e%2e/up",
    "a%2Fb",
    "a\\b",
    "..a",
    "a b",
    "ü🗝",
    ";",
    "&",
    "a+b",
    "//x".slice(2),
  ];
  for (const key of keys) web.files.set(key, Buffer.from(key));
  for (const key of keys) {
    expect(await store.readText(key)).toBe(key);
    expect(web.requests.at(-1)?.line).toMatch(/^GET \/base\/[^?#\\ ]+$/);
  }
  for (const path of ["../up", "a/../../up", "..\\up"]) {
    const count = web.requests.length;
    await expect(store.readText(path)).rejects.toMatchObject({ name: "InvalidPath" });
    await expect(fixture.driver.get("../up", {})).rejects.toMatchObject({ kind: "invalid-path" });
    expect(web.requests).toHaveLength(count);
  }
});

test("what it cannot do is CapabilityNotSupported, and nothing is sent", async () => {
  const lacking = { name: "CapabilityNotSupported", backend: "http" };
  await expect(store.writeText("f", "")).rejects.toMatchObject({ ...lacking, capability: "write" });
  await expect(store.delete("f")).rejects.toMatchObject({ ...lacking, capability: "delete" });
  await expect(store.copy("f", "g")).rejects.toMatchObject({ ...lacking, capability: "copy" });
  await expect(store.move("f", "g")).rejects.toMatchObject({ ...lacking, capability: "move" });
  await expect(store.listFiles("").next()).rejects.toMatchObject({
    ...lacking,
    capability: "list",
  });
  expect(web.requests).toEqual([]);
});

test("no error, no driver and no store prints a header", async () => {
  const replies: Reply[] = [
    (_request, response) => page(response, 401),
    (request) => void request.socket.destroy(),
    (request) => void request.socket.end(`HTTP/9 ${request.headers.authorization}\r\n\r\n`),
  ];
  for (const reply of replies) {
    web.next(reply);
    const error: unknown = await store.readBytes("f").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    const deep = { depth: 20, showHidden: true };
    const text = [error, fixture.driver, store].map((value) => inspect(value, deep)).join();
    expect(`${text} ${JSON.stringify(error)} ${String(error)}`).not.toContain("a-secret-token");
    const cause = error instanceof Error ? error.cause : undefined;
    expect(inspect(cause, deep)).not.toContain("a-secret-token");
  }
});

test("a base that is no address or has a secret in it is refused, and not repeated", () => {
  for (const baseUrl of [
    "c2VjcmV0",
    "ftp://c2VjcmV0/",
    "https://u:c2VjcmV0@h/",
    "https://h/?t=c2VjcmV0",
  ]) {
    expect(() => new HttpDriver({ baseUrl })).toThrow(TypeError);
    expect(() => new HttpDriver({ baseUrl })).not.toThrow(/c2VjcmV0/);
  }
});
