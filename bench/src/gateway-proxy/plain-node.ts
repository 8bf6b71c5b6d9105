import { createServer } from "node:http";
import { Pool } from "undici";

/** What Node's own HTTP costs as a proxy: passes on what it is given, and looks at nothing. */
const [, , upstream = ""] = process.argv;
const pool = new Pool(`http://127.0.0.1:${upstream}`, { connections: 512 });

const server = createServer((incoming, response) => {
  const { method = "GET", url: path = "", headers } = incoming;
  const body = headers["content-length"] === undefined ? null : incoming;
  const sent = { ...headers };
  delete sent.connection;
  pool
    .stream({ method, path, headers: sent, body }, ({ statusCode, headers: answered }) =>
      response.writeHead(statusCode, answered),
    )
    .catch(() => response.destroy());
});
server.requestTimeout = 0;
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.stdout.write(`${address?.port}\n`);
});
