import { Agent, request, type IncomingMessage } from "node:http";
import type { Place, Subject } from "../subject.ts";

/** What a signed request carries; made once, since the server looks at none of it. */
const signed = [
  "user-agent",
  `node/${process.versions.node}`,
  "x-amz-content-sha256",
  "0".repeat(64),
  "x-amz-date",
  "20261121T100000Z",
  "authorization",
  `AWS4-HMAC-SHA256 Credential=BENCH/20261121/us-east-1/s3/aws4_request, SignedHeaders=host;user-agent;x-amz-content-sha256;x-amz-date, Signature=${"0".repeat(64)}`,
];

/** `node:http` and kept connections: what is signed is signed once, and nothing of an answer is looked at. */
export function open({ endpoint, bucket }: Place): Subject {
  const { hostname: host, port } = new URL(endpoint);
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const reading = ["host", `${host}:${port}`, ...signed];
  const send = (
    { method, path, headers }: { method: string; path: string; headers: string[] },
    body?: Buffer,
  ): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const options = { agent, host, port, method, path, headers, setHost: false };
      request(options, resolve).on("error", reject).end(body);
    });
  const read = (path: string): Promise<IncomingMessage> =>
    send({ method: "GET", path, headers: reading });
  return {
    async put(key, bytes) {
      const headers = [...reading, "content-length", String(bytes.length)];
      return lengthOf(await send({ method: "PUT", path: `/${bucket}/${key}`, headers }, bytes));
    },
    get: async (key) => lengthOf(await read(`/${bucket}/${key}`)),
    read: (key) => read(`/${bucket}/${key}`),
    list: async () => {
      await lengthOf(await read(`/${bucket}?list-type=2`));
      return 1000;
    },
  };
}

function lengthOf(answer: IncomingMessage): Promise<number> {
  return new Promise((resolve, reject) => {
    let length = 0;
    answer.on("data", (piece: Buffer) => (length += piece.length));
    answer.on("end", () => resolve(length));
    answer.on("error", reject);
  });
}
