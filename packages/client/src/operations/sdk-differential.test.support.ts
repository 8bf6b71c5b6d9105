import { Events } from "../tracing/events.ts";
import { Readable } from "node:stream";
import { S3Client } from "@aws-sdk/client-s3";
import { parseQuery, readXml, type XmlElement } from "@holdfast/protocol";
import { addressOf } from "../endpoints/address.ts";
import { endpointOf } from "../endpoints/endpoint.ts";
import type { Answer, Call, Connection } from "../request/call.ts";

/** What a server would answer. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** One operation as both clients do it. */
export interface DifferentialCase {
  readonly name: string;
  readonly theirs: (client: S3Client) => Promise<object>;
  readonly ours: (connection: Connection) => Promise<object>;
  readonly answer: ScriptedAnswer;
  /** Where the SDK nests what ours has at the top. */
  readonly unwrap?: string;
  /** What the SDK's output has beyond ours, and why it may. */
  readonly without?: readonly string[];
}

/** A request as it would stand on the wire. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const endpoint = endpointOf({
  endpoint: "http://localhost:9000",
  region: "us-east-1",
  addressing: "path",
  provider: undefined,
});

/** Noise of the SDK, the mark of a conditional write, headers of signing and transport, and what each client adds to prove that a body is whole. */
const ignoredHeaders =
  /^(?:amz-sdk-|x-amz-user-agent$|x-amz-sdk-|user-agent$|host$|authorization$|x-amz-date$|x-amz-content-sha256$|content-length$|x-amz-meta-holdfast-write-id$|expect$|x-amz-trailer$)/;
const documentHeaders = /^(?:content-type$|content-md5$|x-amz-checksum-)/;

function seen(parts: {
  method: string;
  path: string;
  query: readonly (readonly [string, string])[];
  headers: Readonly<Record<string, string | undefined>>;
  body: Uint8Array;
}): SeenRequest {
  const text = Buffer.from(parts.body).toString();
  const isXml = text.startsWith("<");
  // Its checksums are those of the object that it makes.
  const ofDocument = text.includes("<CompleteMultipartUpload") ? /^content-type$/ : documentHeaders;
  const isDocument = isXml || text.startsWith("{");
  const headers: Record<string, string> = {};
  for (const [given, value] of Object.entries(parts.headers)) {
    const name = given.toLowerCase();
    if (value === undefined || ignoredHeaders.test(name)) continue;
    if (isDocument && ofDocument.test(name)) continue;
    // What the SDK says of bytes that it was told nothing of.
    if (name === "content-type" && /^(?:application\/octet-stream|text\/plain.*)$/.test(value)) {
      continue;
    }
    headers[name] = spelling(value);
  }
  const query = parts.query
    .filter(([name]) => name !== "x-id")
    .map(([name, value]) => `${name}=${value}`);
  return {
    method: parts.method,
    path: parts.path.replace(/^(\/[^/]+)\/$/, "$1"),
    query: query.toSorted(),
    headers,
    body: isXml ? tree(readXml(Buffer.from(text))) : text,
  };
}

/** Two spellings that mean one thing to S3: a fraction of zero in a date, and the space after a comma of a list. */
function spelling(value: string): string {
  return value.replace(/\.000Z$/, "Z").replaceAll(/, /g, ",");
}

/** Elements of different names stand in any order. */
function tree({ name, text, children }: XmlElement): unknown {
  if (children.length === 0) return [name, spelling(text)];
  return [name, children.toSorted((a, b) => a.name.localeCompare(b.name)).map(tree)];
}

/** What the SDK sends, and what it makes of the answer. */
export async function runTheirs(
  one: DifferentialCase,
): Promise<{ request: SeenRequest | undefined; output: object }> {
  let request: SeenRequest | undefined;
  const client = new S3Client({
    region: "us-east-1",
    endpoint: "http://localhost:9000",
    forcePathStyle: true,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: 1,
    requestHandler: {
      handle: async (sent: {
        method: string;
        path: string;
        query: Record<string, string | string[] | null>;
        headers: Record<string, string>;
        body?: unknown;
      }) => {
        request = seen({
          method: sent.method,
          path: sent.path,
          query: Object.entries(sent.query).map(([name, value]) => [name, String(value ?? "")]),
          headers: sent.headers,
          body: await bytesOf(sent.body),
        });
        const { status = 200, headers = {}, body = "" } = one.answer;
        return { response: { statusCode: status, headers, body: Readable.from([body]) } };
      },
    },
  });
  try {
    return { output: await one.theirs(client), request };
  } finally {
    client.destroy();
  }
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  throw new TypeError("a body of the SDK that this test does not know");
}

/** A connection that keeps what it was asked and answers what it is told. */
function scripted(answer: ScriptedAnswer): Connection & { readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    calls,
    events: new Events(),
    send(call) {
      calls.push(call);
      return Promise.resolve(toAnswer(answer, call));
    },
  };
}

/** An answer as the send loop hands it on. */
export function toAnswer(
  { status = 200, headers = {}, body = "" }: ScriptedAnswer,
  call: Call,
): Answer {
  const isDocument = call.answer !== undefined && call.answer !== "stream" && body !== "";
  return {
    status,
    headers,
    document: isDocument ? readXml(Buffer.from(body)) : undefined,
    body: call.answer === "stream" ? bodyOf(body) : undefined,
    attempts: 1,
  };
}

function bodyOf(text: string): NonNullable<Answer["body"]> {
  const bytes = Buffer.from(text);
  return {
    text: () => Promise.resolve(text),
    json: () => Promise.resolve(JSON.parse(text)),
    bytes: () => Promise.resolve(bytes),
    node: () => Readable.from([bytes]),
    web: () => new Blob([bytes]).stream(),
    dispose: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
    async *[Symbol.asyncIterator]() {
      yield bytes;
    },
  };
}

/** What ours sends, and what it makes of the answer. */
export async function runOurs(
  one: DifferentialCase,
): Promise<{ request: SeenRequest | undefined; output: object }> {
  const connection = scripted(one.answer);
  const output = await one.ours(connection);
  const [call] = connection.calls;
  return { output, request: call && (await seenCall(call)) };
}

async function seenCall(call: Call): Promise<SeenRequest> {
  const { target } = addressOf(endpoint, call);
  const [path = "", query = ""] = target.split("?");
  const opened = call.body?.open();
  const body = opened === undefined || opened instanceof Uint8Array ? opened : undefined;
  return seen({
    method: call.method,
    path,
    query: parseQuery(query),
    headers: call.headers ?? {},
    body: body ?? new Uint8Array(),
  });
}
