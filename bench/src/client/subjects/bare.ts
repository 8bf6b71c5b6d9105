import { Agent, request, type IncomingMessage } from "node:http";
import { signRequest, SigningKeys } from "@holdfast/protocol";
import type { Place, Subject } from "../subject.ts";

/** `node:http` and kept connections: what is signed is signed once, and nothing of an answer is looked at. */
export function open({ endpoint, region, bucket, credentials }: Place): Subject {
  const { hostname: host, port } = new URL(endpoint);
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const keys = new SigningKeys();
  const signed = (method: string, headers: Readonly<Record<string, string>>): string[] => {
    const target = `/${bucket}/once`;
    const all = { host: `${host}:${port}`, ...headers };
    const now = Date.now();
    const payload = "UNSIGNED-PAYLOAD";
    const options = { credentials, region, now, keys, payload };
    return Object.entries(signRequest({ method, target, headers: all }, options)).flat();
  };
  const reading = signed("GET", {});
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
  const writing = new Map<number, string[]>();
  return {
    async put(key, bytes) {
      const headers =
        writing.get(bytes.length) ?? signed("PUT", { "content-length": String(bytes.length) });
      writing.set(bytes.length, headers);
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
