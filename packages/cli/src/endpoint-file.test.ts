import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  removeEndpoint,
  runningServer,
  writeEndpoint,
  type RunningServer,
} from "./endpoint-file.ts";

let directory: string;
let server: Server;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "holdfast-endpoint-"));
  server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true });
});

function running(): RunningServer {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { endpoint: `http://127.0.0.1:${port}`, region: "eu-west-3", accessKeyId: "admin" };
}

test("a server that answers is found until it takes its file back", async () => {
  expect(await runningServer(directory)).toBeUndefined();
  await writeEndpoint(directory, running());
  expect(await runningServer(directory)).toEqual(running());
  expect(statSync(join(directory, "endpoint.json")).mode & 0o777).toBe(0o600);
  await removeEndpoint(directory);
  expect(await runningServer(directory)).toBeUndefined();
  await removeEndpoint(directory);
  expect(readdirSync(directory)).toEqual([]);
});

test("a killed server's file counts for nothing", async () => {
  // A port that is given to no service, and that no system gives away.
  await writeEndpoint(directory, { ...running(), endpoint: "http://127.0.0.1:4" });
  expect(await runningServer(directory)).toBeUndefined();
});

test.each(["", "{", "{}", '{"endpoint":"no url","region":"r","accessKeyId":"a"}'])(
  "a damaged file (%j) counts for nothing",
  async (text) => {
    writeFileSync(join(directory, "endpoint.json"), text);
    expect(await runningServer(directory)).toBeUndefined();
  },
);
