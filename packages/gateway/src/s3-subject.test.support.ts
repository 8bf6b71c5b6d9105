import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { openEngine, type Engine } from "@holdfast/engine";
import {
  presign,
  readXml,
  signRequest,
  type SigningCredentials,
  type XmlElement,
} from "@holdfast/protocol";
import type { Control } from "./access/control.ts";
import { rootControl } from "./access/root-control.ts";
import { startGateway } from "./gateway.ts";
import type { Gateway, GatewayOptions, StatusProfile, Upstreams } from "./options.ts";
import { openUpstreams } from "./upstream/open-upstreams.ts";

export const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret of the tests" };
export const region = "us-east-1";

/** A request as it will stand on the wire; the target is percent-encoded. */
export interface Ask {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent with a content length; nothing and no length when it is absent. */
  readonly body?: string | Buffer;
  /** `x-amz-content-sha256`, where it is not the hash of the body. */
  readonly payload?: string;
  /** Who signs, when it is not the root. */
  readonly as?: SigningCredentials;
  /** When it is signed: milliseconds since 1970, now unless told. */
  readonly at?: number;
  /** Signed in the query, to hold for so long, and not in the header. */
  readonly expiresSeconds?: number;
  /** Sent but not signed. */
  readonly unsigned?: Readonly<Record<string, string>>;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** A gateway on an engine in a directory of its own, and a client that hides nothing of the wire. */
export interface Subject {
  /** Where the engine keeps its files. */
  readonly directory: string;
  readonly engine: Engine;
  readonly gateway: Gateway;
  readonly send: (ask: Ask) => Promise<Answer>;
  /** What a bucket is called in the engine. */
  readonly inEngine: (bucket: string) => string;
  close(): Promise<void>;
}

/** Where the requests of a subject are carried out: by its own engine, or by another gateway's that it forwards to. */
export type SubjectKind = "embedded" | "forwarded";

let kind: SubjectKind = "embedded";

/** What `startSubject` starts from now on. */
export function startSubjectsAs(one: SubjectKind): void {
  kind = one;
}

/** Whether what `startSubject` starts forwards. */
export function subjectsForward(): boolean {
  return kind === "forwarded";
}

/** The credential that a forwarding gateway has at the one behind it. */
const farCredentials = { accessKeyId: "AKIDFAR", secretAccessKey: "another secret" };
const farRegion = "eu-far-1";

/** How a bucket of a forwarded subject is called where it is kept. */
const farBucket = (bucket: string): string => `far-${bucket}`;

/** Starts one, with the root's control plane unless told; `close` takes everything away again. */
export async function startSubject(
  statusProfile: StatusProfile = "documented",
  options: Partial<GatewayOptions> = {},
): Promise<Subject> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-gateway-"));
  const engine = await openEngine({ directory });
  const behind = kind === "embedded" ? undefined : await startBehind(engine, directory);
  const gateway = await startGateway({
    engine: behind?.empty ?? engine,
    control: behind?.control ?? rootControl(credentials),
    ...(behind === undefined ? {} : { upstreams: behind.upstreams }),
    region,
    statusProfile,
    host: "127.0.0.1",
    port: 0,
    ...options,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return {
    directory,
    engine,
    gateway,
    send: (ask) => send(ask, { agent, port: gateway.port }),
    inEngine: behind === undefined ? (bucket) => bucket : farBucket,
    async close() {
      agent.destroy();
      await gateway.close({ graceMs: 0 });
      await behind?.close();
      await engine.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** What a gateway needs that keeps nothing itself, and the one behind it. */
interface Behind {
  readonly control: Control;
  readonly upstreams: Upstreams;
  /** An engine that must stay empty. */
  readonly empty: Engine;
  close(): Promise<void>;
}

const attachment: Control["attachment"] = (bucket) =>
  bucket === ""
    ? undefined
    : { bucket, upstream: "far", remoteBucket: farBucket(bucket), createdAt: 0 };

async function startBehind(engine: Engine, directory: string): Promise<Behind> {
  const far = await startGateway({
    engine,
    control: rootControl(farCredentials),
    region: farRegion,
    statusProfile: "aws",
    host: "127.0.0.1",
    port: 0,
  });
  const upstreams = openUpstreams([
    {
      name: "far",
      endpoints: [far.endpoint],
      region: farRegion,
      credentials: farCredentials,
    },
  ]);
  const empty = await openEngine({ directory: join(directory, "empty") });
  return {
    control: { ...rootControl(credentials), attachment },
    upstreams,
    empty,
    async close() {
      await upstreams.close();
      await far.close({ graceMs: 0 });
      await empty.close();
    },
  };
}

/** The target and the headers of a signed request. */
function signed(ask: Ask, port: number): { path: string; headers: Record<string, string> } {
  const { method, target, body = "", expiresSeconds, unsigned } = ask;
  const request = { method, target, headers: { host: `127.0.0.1:${port}`, ...ask.headers } };
  const who = { credentials: ask.as ?? credentials, region, now: ask.at ?? Date.now() };
  if (expiresSeconds !== undefined) {
    const path = presign(request, { ...who, expiresSeconds });
    return { path, headers: { ...request.headers, ...unsigned } };
  }
  const payload = ask.payload ?? createHash("sha256").update(body).digest("hex");
  const headers = signRequest(request, { ...who, payload });
  return { path: target, headers: { ...headers, ...unsigned } };
}

/** Sends a request and reads the answer to its end; rejects when either breaks off. */
export function send(
  ask: Ask,
  to: { readonly agent: Agent; readonly port: number },
): Promise<Answer> {
  const { path, headers } = signed(ask, to.port);
  // Node would write a head that goes out with a string in the string's encoding.
  const body = ask.body === undefined ? undefined : Buffer.from(ask.body);
  if (body !== undefined) headers["content-length"] = String(body.length);
  return new Promise((resolve, reject) => {
    const { method } = ask;
    const request = httpRequest({ ...to, host: "127.0.0.1", method, path, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode: status = 0, headers: answered, rawHeaders } = response;
        resolve({ status, headers: answered, rawHeaders, body: Buffer.concat(pieces) });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** All that a socket answers to the head of a request whose body never comes, framed by `framing`. */
export async function answerToHead(
  { gateway: { port } }: Subject,
  ask: Ask,
  framing: Readonly<Record<string, string>>,
): Promise<string> {
  const { path, headers } = signed({ payload: "UNSIGNED-PAYLOAD", ...ask }, port);
  const lines = Object.entries({ ...headers, ...framing }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const socket = connect(port, "127.0.0.1");
  socket.write(`${ask.method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  try {
    return await readText(socket);
  } finally {
    socket.destroy();
  }
}

/** The document in an answer. */
export function documentOf(answer: Answer): XmlElement {
  return readXml(answer.body);
}

/** The text of each child, by name; of two with one name the last. */
export function fieldsOf(element: XmlElement): Record<string, string> {
  return Object.fromEntries(element.children.map(({ name, text }) => [name, text]));
}

/** What an error document says, and the status it came with. */
export function refusalOf(answer: Answer): Record<string, string | number> {
  const document = documentOf(answer);
  if (document.name !== "Error") throw new TypeError(`not an error: ${answer.body.toString()}`);
  return { status: answer.status, ...fieldsOf(document) };
}

/** A key as a path carries it; slashes separate and stay. */
export function encodePath(key: string): string {
  return encodeURIComponent(key)
    .replaceAll("%2F", "/")
    .replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}
