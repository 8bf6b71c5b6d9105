import {
  createServer,
  request as send,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

const [, , upstream = ""] = process.argv;
const delayMs = 100;

async function forward(incoming: IncomingMessage): Promise<IncomingMessage> {
  const body = await buffer(incoming);
  // The headers stay as they were, the host too, or no signature would hold.
  const { method = "", url = "", headers } = incoming;
  return new Promise((resolve, reject) => {
    const options = { port: Number(upstream), host: "127.0.0.1", method, path: url, headers };
    send(options, resolve).on("error", reject).end(body);
  });
}

async function relay(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await forward(incoming);
  const body = await buffer(answer);
  await delay(delayMs);
  response.writeHead(answer.statusCode ?? 502, answer.headers).end(body);
}

const server = createServer((incoming, response) => {
  relay(incoming, response).catch(() => response.destroy());
});
server.requestTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.stdout.write(`${address?.port}\n`);
});
