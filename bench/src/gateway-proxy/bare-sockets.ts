import { connect, createServer } from "node:net";

/**
 * What Node takes to move bytes from one socket to another: a connection of its own for each client's, and not a byte of
 * HTTP read. No proxy on Node can be had for less.
 */
const [, , upstream = ""] = process.argv;

const server = createServer({ noDelay: true }, (client) => {
  const there = connect({ port: Number(upstream), host: "127.0.0.1", noDelay: true });
  client.pipe(there);
  there.pipe(client);
  client.on("error", () => there.destroy());
  there.on("error", () => client.destroy());
});
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") process.stdout.write(`${address?.port}\n`);
});
