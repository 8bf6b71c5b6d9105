import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { inspect } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { S3Client } from "../client.ts";
import { describeFailure } from "../errors/describe-failure.ts";
import { S3Error } from "../errors/s3-error.ts";
import type { S3Event } from "./event.ts";
import type { EventHook } from "./events.ts";
import { logEvents } from "./log-events.ts";
import { traceOperations, type OperationSpan } from "./trace-operations.ts";

const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  sessionToken: "FwoGZXIvYXdzEBYaDH/token+of=a/session==",
};

/** A client of a server that answers as told, both until the test ends. */
async function serve(answer: RequestListener, onEvent?: EventHook): Promise<S3Client> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials,
    onEvent,
    circuitBreaker: { failureThreshold: 1 },
  });
  onTestFinished(() => {
    client.close();
    server.close();
  });
  return client;
}

/** Fails once for lack of time, then says that the key is not there. */
function slowThenMissing(): RequestListener {
  let requests = 0;
  return (_, response) => {
    requests += 1;
    response.setHeader("x-amz-request-id", `R${requests}`);
    response.writeHead(requests === 1 ? 503 : 404);
    response.end(`<Error><Code>${requests === 1 ? "SlowDown" : "NoSuchKey"}</Code></Error>`);
  };
}

test("an operation is told from its request to its error, in order, under one id", async () => {
  const told: S3Event[] = [];
  const client = await serve(slowThenMissing(), (event) => told.push(event));
  const error = await client
    .getObject({ bucket: "photos", key: "a b" })
    .catch((thrown: unknown) => thrown);
  expect(told).toMatchObject([
    { type: "request", context: { operation: "GetObject", bucket: "photos", key: "a b" } },
    { type: "attempt", attempt: 1, method: "GET", path: "/photos/a%20b" },
    { type: "retry", attempt: 1, errorCode: "SlowDown", statusCode: 503, requestId: "R1" },
    { type: "attempt", attempt: 2 },
    { type: "error", error: { errorCode: "NoSuchKey", attempts: 2 } },
  ]);
  const [first] = told;
  expect(new Set(told.map((event) => ("id" in event ? event.id : undefined))).size).toBe(1);
  expect(first?.type === "request" && first.context.endpoint).toMatch(
    /^http:\/\/127\.0\.0\.1:\d+$/,
  );
  expect(told.at(-1)).toHaveProperty("error", error);
});

test("a client that nobody listens to tells nothing, and one that has a subscriber tells it", async () => {
  const client = await serve((_, response) => void response.end());
  const told: unknown[] = [];
  const onMessage = (event: unknown): void => void told.push(event);
  await client.headBucket({ bucket: "photos" });
  subscribe("holdfast:client:response", onMessage);
  try {
    await client.headBucket({ bucket: "photos" });
  } finally {
    unsubscribe("holdfast:client:response", onMessage);
  }
  await client.headBucket({ bucket: "photos" });
  expect(told).toMatchObject([{ type: "response", statusCode: 200, attempts: 1 }]);
});

test("a hook that throws at every event does not change what an operation comes to", async () => {
  const client = await serve(
    (_, response) => void response.end(),
    () => {
      throw new Error("a broken hook");
    },
  );
  await expect(client.headBucket({ bucket: "photos" })).resolves.toBeDefined();
});

test("what a server sends back of a signed request is in no event, log line, span, error or report", async () => {
  const shown: unknown[] = [];
  const keep = (...values: readonly unknown[]): void => void shown.push(...values);
  const span: OperationSpan = {
    setAttributes: keep,
    addEvent: keep,
    setStatus: keep,
    end: () => undefined,
  };
  const tracer = {
    startSpan: (...values: readonly unknown[]): OperationSpan => {
      keep(...values);
      return span;
    },
  };
  const log = logEvents({ debug: keep, info: keep, warn: keep, error: keep });
  const trace = traceOperations(tracer, { keys: true });
  let signature = "";
  const client = await serve(
    ({ headers }, response) => {
      signature = /Signature=(\w+)/.exec(headers.authorization ?? "")?.[1] ?? "";
      const echo = JSON.stringify({ ...headers, secret: credentials.secretAccessKey });
      const escaped = echo.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
      response.setHeader("x-amz-request-id", credentials.sessionToken);
      response.writeHead(500);
      response.end(
        `<Error><Code>Internal ${credentials.sessionToken}</Code><Message>${escaped}</Message>` +
          `<Token-0>${credentials.sessionToken}</Token-0><Echo>${escaped}</Echo></Error>`,
      );
    },
    (event) => {
      keep(event);
      log(event);
      trace(event);
    },
  );
  const error = await client
    .getObject({ bucket: "photos", key: "k" })
    .catch((thrown: unknown) => thrown);
  expect(S3Error.is(error)).toBe(true);
  shown.push(error, describeFailure(error));
  const words = shown.flatMap((value) => [
    inspect(value, { depth: 9 }),
    JSON.stringify(value),
    String(value),
  ]);
  const secrets = [signature, credentials.secretAccessKey, credentials.sessionToken];
  expect(signature).toHaveLength(64);
  expect(words.length).toBeGreaterThan(30);
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret)]) {
      expect(words.filter((text) => text?.includes(form))).toEqual([]);
    }
  }
});
