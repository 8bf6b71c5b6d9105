import { afterAll, vi } from "vitest";
import { installRadosgw, startRadosgw } from "../radosgw/start-radosgw.ts";
import { startFront } from "./front.ts";
import { runClients } from "./run-clients.ts";

const missing = installRadosgw();
if (missing !== undefined) throw new Error(missing);
vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });
const radosgw = await startRadosgw();
// Version 16 answers InternalError to a body in chunks with a trailer.
const upstream = { url: radosgw.url, ...radosgw.owner, checksumTrailers: false };
const front = await startFront(upstream, "documented");

afterAll(async () => {
  await front.stop();
  await radosgw.stop();
});

runClients(front, "before radosgw");
