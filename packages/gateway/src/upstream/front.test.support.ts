import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEngine } from "@holdfast/engine";
import type { Control } from "../access/control.ts";
import { rootControl } from "../access/root-control.ts";
import { startGateway } from "../gateway.ts";
import type { Gateway, RequestRecord, StatusProfile } from "../options.ts";
import { credentials, region, send, type Answer, type Ask } from "../s3-subject.test.support.ts";
import { openUpstreams } from "./open-upstreams.ts";
import type { UpstreamConfig } from "./upstream-config.ts";

/** A gateway with one bucket, `bucket`, that an upstream keeps as `far-bucket`. */
export interface Front {
  readonly gateway: Gateway;
  readonly records: RequestRecord[];
  send(ask: Ask): Promise<Answer>;
  close(): Promise<void>;
}

interface FrontOptions extends Partial<Omit<UpstreamConfig, "endpoints">> {
  readonly statusProfile?: StatusProfile;
  /** Whom it knows; the root alone unless told. */
  readonly credential?: Control["credential"];
}

const attachment: Control["attachment"] = (bucket) =>
  bucket === "bucket" || bucket === "second"
    ? { bucket, upstream: "far", remoteBucket: `far-${bucket}`, createdAt: 0 }
    : undefined;

/** Starts one in front of these endpoints. */
export async function startFront(
  endpoints: readonly string[],
  { statusProfile = "documented", credential, ...more }: FrontOptions = {},
): Promise<Front> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-front-"));
  const engine = await openEngine({ directory });
  const far = { name: "far", region: "eu-far-1", credentials: { accessKeyId: "AKIDFAR", secretAccessKey: "another secret" } }; // prettier-ignore
  const upstreams = openUpstreams([{ ...far, endpoints, ...more }]);
  const records: RequestRecord[] = [];
  const gateway = await startGateway({
    engine,
    control: { ...rootControl(credentials), attachment, ...(credential && { credential }) },
    upstreams,
    region,
    statusProfile,
    log: (record) => records.push(record),
    host: "127.0.0.1",
    port: 0,
  });
  const agent = new Agent({ keepAlive: true });
  return {
    gateway,
    records,
    send: (ask) => send(ask, { agent, port: gateway.port }),
    async close() {
      agent.destroy();
      await gateway.close({ graceMs: 0 });
      await upstreams.close();
      await engine.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** One request as an upstream sees it. */
export interface Seen {
  readonly socket: Socket;
  /** Request line and headers. */
  readonly head: string;
  /** What has come of the body so far. */
  body: Buffer;
}

/** A server that speaks no HTTP by itself: what it does with a request is a test's own. */
export interface RawUpstream {
  readonly endpoint: string;
  readonly seen: Seen[];
  /** Connections that are open now. */
  readonly open: ReadonlySet<Socket>;
  /** What is done once the head of a request is there; of the next connection, too. */
  act: (seen: Seen) => void;
  close(): Promise<void>;
}

/** Starts one that answers each request as `act` does. */
export async function startRawUpstream(act: RawUpstream["act"]): Promise<RawUpstream> {
  const open = new Set<Socket>();
  const seen: Seen[] = [];
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => {});
    readRequests(socket, (one) => {
      seen.push(one);
      upstream.act(one);
    });
  });
  const port = await listen(server);
  const upstream: RawUpstream = {
    endpoint: `http://127.0.0.1:${port}`,
    seen,
    open,
    act,
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return upstream;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address: AddressInfo | string | null = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}

function readRequests(socket: Socket, onHead: (seen: Seen) => void): void {
  let current: Seen | undefined;
  let rest = Buffer.alloc(0);
  socket.on("data", (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      if (current !== undefined) {
        const wanted = lengthIn(current.head) - current.body.length;
        current.body = Buffer.concat([current.body, rest.subarray(0, wanted)]);
        rest = rest.subarray(wanted);
        if (current.body.length < lengthIn(current.head)) return;
        current = undefined;
      }
      const end = rest.indexOf("\r\n\r\n");
      if (end === -1) return;
      current = { socket, head: rest.toString("latin1", 0, end), body: Buffer.alloc(0) };
      rest = rest.subarray(end + 4);
      const next = current;
      queueMicrotask(() => onHead(next));
    }
  });
}

const lengthIn = (head: string): number => Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);

/** Waits until something holds; gives up after twenty seconds, so that the expectation behind it can say more. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 2000 && !holds(); tries += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
