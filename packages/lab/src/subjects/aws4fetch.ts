import type { Action } from "../probe/action.ts";
import type { ActionCall, Subject, SubjectSettings } from "../probe/subject.ts";
import { installedModule, installedVersion } from "./installed.ts";
import { wholeMs } from "./whole-ms.ts";
import { noCall } from "./refuse.ts";

interface Client {
  fetch(url: string, init?: RequestInit): Promise<Response>;
}

interface Library {
  readonly AwsClient: new (options: object) => Client;
}

/** An answer that is not of the 200s, as a caller of `fetch` sees it. */
class ResponseError extends Error {
  override readonly name = "ResponseError";
  readonly status: number;
  /** Out of the error document, which the library hands over unread. */
  readonly code: string | undefined;

  constructor(status: number, code: string | undefined) {
    super(`${status} ${code ?? ""}`);
    this.status = status;
    this.code = code;
  }
}

/**
 * aws4fetch, which signs, sends and repeats, and hands over the response: this adapter is the least of a caller around
 * it, who looks at `ok` and, of what is not, reads the code out of the document. The timeout is `AbortSignal.timeout`.
 * `retries` is 3: with its 10, it takes half a minute to tell of a server that is down.
 */
export const aws4fetch: Subject = {
  name: "aws4fetch",
  version: () => installedVersion("aws4fetch"),
  actions: ["get", "get-if-changed", "get-until-aborted", "head", "put", "delete"],
  async open(settings: SubjectSettings) {
    const { endpoint, region, bucket, accessKeyId, secretAccessKey, sessionToken } = settings;
    const { AwsClient } = await installedModule<Library>("aws4fetch");
    const given = { accessKeyId, secretAccessKey, sessionToken };
    const client = new AwsClient({ region, service: "s3", retries: 3, ...given });
    const send: Send = async (key, { abort, ...init } = {}) => {
      const url = `${endpoint}/${bucket}/${encodeURI(key)}`;
      const timeout = AbortSignal.timeout(wholeMs(settings, "request"));
      const signal = abort === undefined ? timeout : AbortSignal.any([timeout, abort]);
      const response = await unlessAborted(client.fetch(url, { ...init, signal }), signal);
      if (!response.ok) throw await unlessAborted(errorOf(response), signal);
      return { headers: response.headers, body: bodyOf(response, signal) };
    };
    return { act: (action, call) => act(send, action, call), close: async () => {} };
  },
};

type Send = (
  key: string,
  init?: RequestInit & { readonly abort?: AbortSignal },
) => Promise<{ readonly headers: Headers; readonly body: AsyncIterable<Uint8Array> }>;

async function* bodyOf(
  { body }: Response,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (body === null) return;
  const pieces = body.values();
  let piece = await unlessAborted(pieces.next(), signal);
  while (piece.done !== true) {
    yield piece.value;
    piece = await unlessAborted(pieces.next(), signal);
  }
}

/** Node 20's `fetch` forgets the signal of a `Request`, which is what the library makes, once garbage is collected. */
async function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const settled = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const fail = (): void => reject(signal.reason);
    signal.addEventListener("abort", fail, { signal: settled.signal });
    if (signal.aborted) fail();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    settled.abort();
  }
}

async function errorOf(response: Response): Promise<ResponseError> {
  const code = /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];
  return new ResponseError(response.status, code);
}

async function act(send: Send, action: Action, call: ActionCall): Promise<unknown> {
  switch (action.do) {
    case "get":
      return (await send(action.key)).body;
    case "get-if-changed":
      return (await send(action.key, { headers: { "if-none-match": `"${action.etag}"` } })).body;
    case "get-until-aborted":
      return (await send(action.key, { abort: call.signal })).body;
    case "head":
      return Number((await send(action.key, { method: "HEAD" })).headers.get("content-length"));
    case "put": {
      const headers = action.ifAbsent === true ? { "if-none-match": "*" } : {};
      await send(action.key, { method: "PUT", body: call.bytes(), headers });
      return;
    }
    case "delete":
      await send(action.key, { method: "DELETE" });
      return;
    case "copy":
    case "exists":
    case "upload":
    case "delete-many":
    case "list":
    case "kind":
      throw noCall(action);
  }
}
