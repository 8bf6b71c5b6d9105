import { join } from "node:path";
import { afterAll, vi } from "vitest";
import { startServer } from "../server.ts";
import { makeTemporaryDirectory } from "../temporary-directory.ts";
import { startFront } from "./front.ts";
import { runClients } from "./run-clients.ts";

vi.setConfig({ testTimeout: 300_000 });
const temporary = makeTemporaryDirectory();
const server = await startServer("aws", join(temporary.path, "data"));
const { url, accessKeyId, secretAccessKey } = server.endpoint;
const front = await startFront({ url, accessKeyId, secretAccessKey }, "documented");

afterAll(async () => {
  await front.stop();
  await server.stop();
  temporary.remove();
});

runClients(front, "before another");
