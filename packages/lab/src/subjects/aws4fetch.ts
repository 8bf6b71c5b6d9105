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
  version: async () => installedVersion("aws4fetch"),
  actions: ["get", "get-if-changed", "get-until-aborted", "head", "put", "copy", "delete"],
  async open({ endpoint, region, bucket, credentials, timeoutMs }: SubjectSettings) {
    const { AwsClient } = await installedModule<Library>("aws4fetch");
    const given = await credentials();
    const client = new AwsClient({ region, service: "s3", retries: 3, ...given });
    const send: Send = async (key, { abort, ...init } = {}) => {
      const url = `${endpoint}/${bucket}/${encodeURI(key)}`;
      const timeout = AbortSignal.timeout(wholeMs({ timeoutMs }, "request"));
      const signal = abort === undefined ? timeout : AbortSignal.any([timeout, abort]);
      const response = await client.fetch(url, { ...init, signal });
      if (!response.ok) throw await errorOf(response);
      return response;
    };
    return { act: (action, call) => act({ send, bucket }, action, call), close: async () => {} };
  },
};

type Send = (
  key: string,
  init?: RequestInit & { readonly abort?: AbortSignal },
) => Promise<Response>;

function bodyOf({ body }: Response): AsyncIterable<Uint8Array> | Uint8Array {
  return body ?? new Uint8Array();
}

async function errorOf(response: Response): Promise<ResponseError> {
  const code = /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1];
  return new ResponseError(response.status, code);
}

async function act(
  { send, bucket }: { readonly send: Send; readonly bucket: string },
  action: Action,
  call: ActionCall,
): Promise<unknown> {
  switch (action.do) {
    case "get":
      return bodyOf(await send(action.key));
    case "get-if-changed":
      return bodyOf(await send(action.key, { headers: { "if-none-match": `"${action.etag}"` } }));
    case "get-until-aborted":
      return bodyOf(await send(action.key, { abort: call.signal }));
    case "head":
      return Number((await send(action.key, { method: "HEAD" })).headers.get("content-length"));
    case "put": {
      const headers = action.ifAbsent === true ? { "if-none-match": "*" } : {};
      await send(action.key, { method: "PUT", body: call.bytes(), headers });
      return;
    }
    case "copy": {
      const headers = { "x-amz-copy-source": encodeURI(`${bucket}/${action.source}`) };
      await send(action.key, { method: "PUT", headers });
      return;
    }
    case "delete":
      await send(action.key, { method: "DELETE" });
      return;
    case "exists":
    case "upload":
    case "delete-many":
    case "list":
    case "kind":
      throw noCall(action);
  }
}
