import { connect } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Endpoint } from "./context.ts";
import { signed, type RawRequest } from "./raw-request.ts";

/** Every byte the endpoint sends for one request until it closes; an HTTP client would hide a body after a HEAD. */
export async function rawBytes(endpoint: Endpoint, wanted: RawRequest): Promise<string> {
  const { path, headers } = await signed(endpoint, wanted);
  const { hostname, port } = new URL(endpoint.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const lines = Object.entries({ ...headers, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  socket.write(`${wanted.method} ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  return (await buffer(socket)).toString("latin1");
}
