import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "./answers.ts";
import { errorCodeOf } from "./error-document.ts";
import { startLocalGateway, type LocalGateway } from "./local-gateway.ts";
import { RawConnection } from "./raw-connection.ts";
import {
  chunkedBody,
  headOf,
  signed,
  toBytes,
  withHeaders,
  without,
  type RawHeader,
  type RawRequest,
} from "./raw-request.ts";

let local: LocalGateway;
let port: number;

beforeAll(async () => {
  local = await startLocalGateway();
  ({ port } = local);
});

afterAll(async () => {
  await local.close();
});

/** A request that would be obeyed if anybody took the bytes of a body for a request. */
const canary = (name: string): Buffer =>
  toBytes(signed({ port, method: "PUT", target: `/proofs/canary-${name}`, body: "sung" }));

const put = (): RawRequest => signed({ port, method: "PUT", target: "/proofs/framed", body: "" });
const get = (): RawRequest => signed({ port, method: "GET", target: "/proofs?list-type=2" });

/** A PUT with unsigned payload whose framing is given, and whose body is the canary. */
function framed(name: string, ...framing: readonly RawHeader[]): Buffer {
  const bare = without(
    signed({ port, method: "PUT", target: "/proofs/framed", payload: "UNSIGNED-PAYLOAD" }),
    "content-length",
  );
  return Buffer.concat([headOf(withHeaders(bare, ...framing)), canary(name)]);
}

/** The canaries that were obeyed since the last look. */
async function canaries(): Promise<string[]> {
  const page = await local.engine.listObjects({
    bucket: "proofs",
    prefix: "canary-",
    delimiter: "",
    after: "",
    limit: 1000,
  });
  const keys = page.entries.map((entry) =>
    entry.type === "object" ? entry.object.key : entry.prefix,
  );
  await local.engine.deleteObjects(
    "proofs",
    keys.map((key) => ({ key })),
  );
  return keys;
}

/** Says it, and gives everything that the server answered until it ended the connection. */
async function say(bytes: Buffer, methods: readonly string[] = []): Promise<readonly Answer[]> {
  const connection = await RawConnection.open(port, methods);
  connection.write(bytes);
  await connection.ended();
  connection.destroy();
  const { answers, rest } = connection.answers;
  expect(rest.toString("latin1")).toBe("");
  return answers;
}

/** Exactly one refusal and the end of the connection, whatever came behind it. */
async function expectRefusal(bytes: Buffer, status = 400): Promise<void> {
  const answers = await say(bytes);
  expect(answers.map((answer) => answer.status)).toEqual([status]);
  const [answer] = answers;
  if (answer === undefined) return;
  expect(errorCodeOf(answer)).not.toBe("InternalError");
  expect(answer.headers.get("connection")).toEqual(["close"]);
}

test("the canary does sing when it is a request of its own", async () => {
  const connection = await RawConnection.open(port);
  connection.write(canary("alive"));
  expect((await connection.answer()).status).toBe(200);
  await connection.finish();
  expect(await canaries()).toEqual(["canary-alive"]);
});

const length = (value: string): RawHeader => ["Content-Length", value];
const coding = (value: string): RawHeader => ["Transfer-Encoding", value];

/** Framings that two readers could read differently. Each stands before a body that is a request. */
const ambiguous: Readonly<Record<string, readonly RawHeader[]>> = {
  "two equal lengths": [length("0"), length("0")],
  "two different lengths": [length("0"), length("5")],
  "a list of lengths": [length("0, 0")],
  "a list of different lengths": [length("0, 10")],
  "a length with a sign": [length("+0")],
  "a length in hexadecimal": [length("0x0")],
  "a negative length": [length("-1")],
  "a length of twenty digits": [length("99999999999999999999")],
  "a length in exponent notation": [length("1e1")],
  "a length with a fraction": [length("0.0")],
  "an empty length": [length("")],
  "a length in quotes": [length('"0"')],
  "a length with a space inside": [length("1 0")],
  "a length after a space before the colon": [["Content-Length ", "0"]],
  "a length after a tab before the colon": [["Content-Length\t", "0"]],
  "a length and a coding": [length("0"), coding("chunked")],
  "a coding and a length": [coding("chunked"), length("0")],
  "a coding that only ends like chunked": [coding("xchunked")],
  "chunked, then identity": [coding("chunked, identity")],
  "identity, then chunked": [coding("identity, chunked")],
  identity: [coding("identity")],
  "gzip, then chunked": [coding("gzip, chunked")],
  "chunked twice": [coding("chunked, chunked")],
  "two codings": [coding("chunked"), coding("chunked")],
  "two codings, one unknown": [coding("chunked"), coding("x")],
  "chunked in quotes": [coding('"chunked"')],
  "chunked with a parameter": [coding("chunked;q=1")],
  "chunked with a vertical tab": [coding("\vchunked")],
  "chunked after a space before the colon": [["Transfer-Encoding ", "chunked"]],
  "an underscore for the hyphen and a length": [
    ["Content-Length", "5"],
    ["Content-Length", "05"],
  ],
  "an empty coding and a length": [coding(""), length("0")],
};

/** Lines that break off a header, the request line or the block of headers. */
const broken: Readonly<Record<string, (request: string) => string>> = {
  "bare LF between headers": (text) => text.replace("\r\nx-amz-date", "\nx-amz-date"),
  "bare LF at the end of the headers": (text) => text.replace(/\r\n\r\n$/, "\n\n"),
  "bare CR between headers": (text) => text.replace("\r\nx-amz-date", "\rx-amz-date"),
  "a folded header": (text) => text.replace("\r\nx-amz-date", "\r\nx-a: b\r\n c\r\nx-amz-date"),
  "a header block that ends with CRLF CR X": (text) => text.replace(/\r\n\r\n$/, "\r\n\rX"),
  "a NUL in a header": (text) => text.replace("\r\n\r\n", "\r\nx-a: b\0c\r\n\r\n"),
  "a CR in a header": (text) => text.replace("\r\n\r\n", "\r\nx-a: b\rc\r\n\r\n"),
  "a header without a name": (text) => text.replace("\r\n\r\n", "\r\n: c\r\n\r\n"),
  "a header without a colon": (text) => text.replace("\r\n\r\n", "\r\nxa\r\n\r\n"),
  "a space in a header's name": (text) => text.replace("\r\n\r\n", "\r\nx a: b\r\n\r\n"),
  "a leading space before the first header": (text) => text.replace("\r\n", "\r\n "),
  "a space in the path": (text) => text.replace("/proofs", "/pro ofs"),
  "a tab in the path": (text) => text.replace("/proofs", "/pro\tofs"),
  "raw UTF-8 in the path": (text) => text.replace("/proofs", "/pro\u00c3\u00a4ofs"),
  "a NUL in the path": (text) => text.replace("/proofs", "/pro\0ofs"),
  "no version": (text) => text.replace(" HTTP/1.1", ""),
  "version 2.0": (text) => text.replace("HTTP/1.1", "HTTP/2.0"),
  "version 1.2": (text) => text.replace("HTTP/1.1", "HTTP/1.2"),
  "a version in lower case": (text) => text.replace("HTTP/1.1", "http/1.1"),
  "another protocol": (text) => text.replace("HTTP/1.1", "ICE/1.0"),
  "an unknown method": (text) => text.replace(/^GET/, "GOT"),
  "authority form": (text) => text.replace(/ \/\S*/, " other.example:80"),
  "the HTTP/2 preface": () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "a TLS hello": () => "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003",
};

/** Requests that end where all agree they end, and that two readers could still take differently. */
const equivocal: Readonly<Record<string, (request: string) => string>> = {
  "no Host": (text) => text.replace(/host: [^\r]*\r\n/i, ""),
  "two Hosts": (text) => text.replace("\r\n\r\n", "\r\nHost: other.example\r\n\r\n"),
  "two equal Hosts": (text) => text.replace(/(host: [^\r]*\r\n)/i, "$1$1"),
  "absolute form": (text) => text.replace(" /", ` http://127.0.0.1:${port}/`),
  "absolute form of another host": (text) => text.replace(" /", " http://other.example/"),
  "absolute form with user and password": (text) => text.replace(" /", " http://a:b@127.0.0.1/"),
  "asterisk form": (text) => text.replace(/ \/\S*/, " *"),
  "two slashes in front": (text) => text.replace(" /", " //"),
  "a header named __proto__": (text) => text.replace("\r\n\r\n", "\r\n__proto__: x\r\n\r\n"),
  "two Authorizations": (text) => text.replace(/(authorization: [^\r]*\r\n)/i, "$1$1"),
  "two Ranges": (text) =>
    text.replace("\r\n\r\n", "\r\nRange: bytes=0-1\r\nRange: bytes=2-3\r\n\r\n"),
  "two Expects": (text) =>
    text.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\nExpect: 100-continue\r\n\r\n"),
};

/** Chunked bodies that are not exactly what the coding defines. */
const chunks: Readonly<Record<string, (name: string) => string>> = {
  "a size with a space behind": (name) =>
    `5 \r\nhello\r\n0\r\n\r\n${canary(name).toString("latin1")}`,
  "a size in 0x notation": (name) => `0x5\r\nhello\r\n0\r\n\r\n${canary(name).toString("latin1")}`,
  "a size with a sign": (name) => `+5\r\nhello\r\n0\r\n\r\n${canary(name).toString("latin1")}`,
  "a negative size": (name) => `-5\r\nhello\r\n0\r\n\r\n${canary(name).toString("latin1")}`,
  "a size that ends with LF": (name) => `5\nhello\r\n0\r\n\r\n${canary(name).toString("latin1")}`,
  "data that end with LF": (name) => `5\r\nhello\n0\r\n\r\n${canary(name).toString("latin1")}`,
  "no size": (name) => `\r\nhello\r\n0\r\n\r\n${canary(name).toString("latin1")}`,
  "a size of 17 digits": (name) =>
    `10000000000000005\r\nhello\r\n0\r\n\r\n${canary(name).toString("latin1")}`,
  "a size beyond the integers": (name) => `FFFFFFFFFFFFFFFFF\r\n${canary(name).toString("latin1")}`,
  "data longer than the size": (name) =>
    `4\r\nhello\r\n0\r\n\r\n${canary(name).toString("latin1")}`,
  "a size that hides in an extension": (name) =>
    `5;a="\r\n0\r\n\r\n${canary(name).toString("latin1")}`,
  "a flood of extensions": (name) =>
    `5;${"a=b;".repeat(8000)}\r\nhello\r\n0\r\n\r\n${canary(name).toString("latin1")}`,
};

describe("one refusal, the connection ends, and nothing behind it is obeyed", () => {
  beforeEach(canaries);

  test.each(Object.entries(ambiguous))("%s", async (name, framing) => {
    await expectRefusal(framed(name.replaceAll(" ", "-"), ...framing));
    expect(await canaries()).toEqual([]);
  });

  test.each(Object.entries(broken))("%s", async (name, breakIt) => {
    const text = breakIt(headOf(get()).toString("latin1"));
    const bytes = Buffer.concat([Buffer.from(text, "latin1"), canary(name.replaceAll(" ", "-"))]);
    const connection = await RawConnection.open(port);
    connection.write(bytes);
    const { answers, rest } = await connection.until(() => firstOrEnd(connection));
    expect(rest.length).toBe(0);
    expect(answers[0]?.status).toBe(400);
    if (answers[0] !== undefined) expect(errorCodeOf(answers[0])).not.toBe("");
    await connection.ended();
    connection.destroy();
    expect(connection.answers.answers.length).toBe(1);
    expect(await canaries()).toEqual([]);
  });

  test.each(Object.entries(chunks))("chunked: %s", async (name, body) => {
    const request = withHeaders(
      without(
        signed({ port, method: "PUT", target: "/proofs/framed", payload: "UNSIGNED-PAYLOAD" }),
        "content-length",
      ),
      coding("chunked"),
    );
    const text = body(`chunk-${name.replaceAll(" ", "-")}`);
    const answers = await say(Buffer.concat([headOf(request), Buffer.from(text, "latin1")]));
    expect(answers.length).toBeLessThanOrEqual(1);
    for (const answer of answers) expect([400, 411]).toContain(answer.status);
    expect(await canaries()).toEqual([]);
  });

  test("more than 16 KiB of headers", async () => {
    const request = withHeaders(get(), ["x-a", "b".repeat(17_000)]);
    await expectRefusal(Buffer.concat([toBytes(request), canary("large")]));
    expect(await canaries()).toEqual([]);
  });

  test.each(Object.entries(equivocal))(
    "%s: refused, and what is behind stands for itself",
    async (_, change) => {
      const text = change(headOf(get()).toString("latin1"));
      const connection = await RawConnection.open(port);
      connection.write(Buffer.from(text, "latin1"));
      const answer = await connection.answer();
      expect([answer.status, errorCodeOf(answer)]).toEqual([
        400,
        expect.stringMatching(/^Invalid/),
      ]);
      connection.destroy();
    },
  );

  test.each([129, 1000, 2500])("%i headers", async (count) => {
    const headers = Array.from({ length: count }, (): RawHeader => ["a", ""]);
    const connection = await RawConnection.open(port);
    connection.write(toBytes(withHeaders(get(), ...headers)));
    const answer = await connection.answer();
    expect([answer.status, errorCodeOf(answer)]).toEqual([400, "RequestHeaderSectionTooLarge"]);
    connection.destroy();
  });

  test("a transfer coding in HTTP/1.0", async () => {
    const request = withHeaders(without(put(), "content-length"), coding("chunked"));
    const bytes = [headOf(request, "HTTP/1.0"), chunkedBody("x"), canary("old")];
    await expectRefusal(Buffer.concat(bytes));
    expect(await canaries()).toEqual([]);
  });
});

function firstOrEnd(connection: RawConnection): RawConnection["answers"] | undefined {
  const { answers } = connection;
  return answers.answers.length > 0 || connection.closed ? answers : undefined;
}

describe("a body is a body, whatever it looks like", () => {
  test.each(["GET", "HEAD", "DELETE"])("of a %s: refused and closed", async (method) => {
    const target = method === "GET" ? "/proofs?list-type=2" : "/proofs/framed";
    const bytes = toBytes(
      signed({ port, method, target, body: canary("in-body"), payload: "UNSIGNED-PAYLOAD" }),
    );
    const answers = await say(bytes, [method]);
    expect(answers.map((answer) => answer.status)).toEqual([400]);
    expect(await canaries()).toEqual([]);
  });

  test("of a PUT: stored byte for byte, and the request behind it is answered", async () => {
    const body = canary("in-body");
    const connection = await RawConnection.open(port);
    const next = toBytes(get());
    connection.write(
      Buffer.concat([toBytes(signed({ port, method: "PUT", target: "/proofs/held", body })), next]),
    );
    expect((await connection.answer(1)).body.toString()).toContain("<Key>held</Key>");
    const { answers } = await connection.finish();
    expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
    expect(await canaries()).toEqual([]);
  });

  test("of a request that is refused: never obeyed", async () => {
    const request = signed({ port, method: "PUT", target: "/proofs/x", body: canary("refused") });
    const forged = request.headers.map(([name, value]): RawHeader => [
      name,
      name === "authorization" ? value.replace(/.$/, "x") : value,
    ]);
    const answers = await say(toBytes({ ...request, headers: forged }));
    expect(answers.map((answer) => answer.status >= 400)).toEqual([true]);
    expect(await canaries()).toEqual([]);
  });
});
