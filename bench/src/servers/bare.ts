import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { Reply } from "./limit.ts";

interface Prepared {
  readonly status: number;
  readonly headers: string[];
  readonly body: Buffer;
  readonly times: number;
}

const [, , file = ""] = process.argv;
const replies: readonly Reply[] = JSON.parse(readFileSync(file, "utf8"));
const byTarget = new Map<string, Prepared>(
  replies.map(({ method, target, status, headers, body, times }) => [
    `${method} ${target}`,
    { status, headers: [...headers], body: Buffer.from(body, "base64"), times },
  ]),
);

async function send(response: ServerResponse, { body, times }: Prepared): Promise<void> {
  for (let sent = 0; sent < times; sent++) {
    if (!response.write(body)) await once(response, "drain");
  }
  response.end();
}

const server = createServer((request, response) => {
  const reply = byTarget.get(`${request.method} ${request.url}`);
  if (reply === undefined) {
    response.writeHead(500).end();
    return;
  }
  const respond = (): void => {
    response.writeHead(reply.status, reply.headers);
    if (reply.times === 1) response.end(reply.body);
    else void send(response, reply);
  };
  if (request.headers["content-length"] === undefined) respond();
  else request.on("end", respond).resume();
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.stdout.write(`${address?.port}\n`);
});
