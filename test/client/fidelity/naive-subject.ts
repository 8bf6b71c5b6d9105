import { Agent, request, type IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { bucket, type Subject, type SubjectSettings, type ToldFailure } from "./subject.ts"; // prettier-ignore

/** A failure as the naive client throws one. */
class NaiveError extends Error {
  readonly code: string;
  readonly status: number;
  readonly text: string;

  constructor(status: number, text: string) {
    const code = /<Code>(.*?)<\/Code>/.exec(text)?.[1] ?? "Unknown";
    super(`${status} ${code}`);
    this.status = status;
    this.code = code;
    this.text = text;
  }
}

const classes = new Map([
  [403, "S3AccessDeniedError"],
  [404, "S3NotFoundError"],
  [412, "S3PreconditionFailedError"],
]);

/** A client as it is written in an afternoon: three tries after a 5xx, the status decides, bodies are joined. */
export function openNaiveSubject(settings: SubjectSettings): Subject {
  return open(settings, () => undefined);
}

/** The same, with a log of what it sends. */
export function openTalkativeSubject(settings: SubjectSettings): Subject {
  return open(settings, (log, sent) => log.push(sent));
}

function open(
  { endpoint, credentials }: SubjectSettings,
  log: (told: unknown[], sent: unknown) => void,
): Subject {
  const agent = new Agent({ keepAlive: true });
  const told: unknown[] = [];
  const send = async (method: string, target: string, body?: string): Promise<IncomingMessage> => {
    const { accessKeyId, sessionToken } = await credentials();
    const headers = {
      authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/d/us-east-1/s3/aws4_request, Signature=abcdef`,
      "x-amz-security-token": sessionToken,
    };
    log(told, { method, target, headers });
    return new Promise((resolve, reject) => {
      const path = `/${bucket}/${target}`;
      request(endpoint + path, { method, headers, agent }, resolve)
        .on("error", reject)
        .end(body);
    });
  };
  const ask = async (
    method: string,
    target: string,
    body?: string,
  ): Promise<[IncomingMessage, string]> => {
    for (let attempt = 1; ; attempt++) {
      const answer = await send(method, target, body);
      const pieces: Buffer[] = [];
      for await (const piece of answer) pieces.push(piece);
      const text = Buffer.concat(pieces).toString();
      const status = answer.statusCode ?? 0;
      if (status < 300) return [answer, text];
      if (status < 500 || attempt === 3) throw new NaiveError(status, text);
      await wait(100 * attempt);
    }
  };
  return {
    told,
    get: async (key) => (await ask("GET", key))[1],
    head: async (key) => Number((await ask("HEAD", key))[0].headers["content-length"]),
    put: async (key, body) => {
      const bytes = typeof body === "string" ? body : await joined(sourceOf(body));
      return (await ask("PUT", key, bytes))[0].headers.etag?.replaceAll('"', "");
    },
    copy: async (key) => etagOf((await ask("PUT", key))[1]),
    complete: async (key, uploadId) =>
      etagOf((await ask("POST", `${key}?uploadId=${uploadId}`, "<x/>"))[1]),
    list: async () => {
      const [, text] = await ask("GET", "?list-type=2");
      return [...text.matchAll(/<Key>(.*?)<\/Key>/gs)].map(([, key]) => key?.trim());
    },
    describe: describeNaively,
    close: async () => agent.destroy(),
  };
}

function etagOf(text: string): string {
  return /<ETag>(.*?)<\/ETag>/.exec(text)?.[1] ?? "";
}

function sourceOf(
  body: AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>),
): AsyncIterable<Uint8Array> {
  return typeof body === "function" ? body() : body;
}

async function joined(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function describeNaively(error: unknown): ToldFailure {
  const { status, code, text } =
    error instanceof NaiveError ? error : { status: 0, code: String(error), text: "" };
  const serverFailed = status >= 500;
  return {
    class: classes.get(status) ?? (serverFailed ? "S3ServerError" : "S3ClientError"),
    code,
    status: status === 0 ? undefined : status,
    retryable: serverFailed,
    attempts: serverFailed ? 3 : 1,
    phase: undefined,
    codeInferred: false,
    ambiguous: false,
    requestId: /<RequestId>(.*?)<\/RequestId>/.exec(text)?.[1],
    retryAfter: undefined,
    delays: [],
  };
}
