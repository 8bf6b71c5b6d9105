import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { run, serve, temporaryFolder } from "./holdfast.ts";

const answerAfterMs = 20_000;

interface Crowd {
  /** The statuses that were answered; fewer than connections where one had none. */
  readonly statuses: readonly string[];
  /** Closes all of them; until then they stay. */
  leave(): void;
}

/** So many connections at once, each with a request. */
async function crowd(endpoint: string, connections: number): Promise<Crowd> {
  const { hostname: host, port } = new URL(endpoint);
  const sockets = Array.from({ length: connections }, () => connect(Number(port), host));
  const leave = (): void => sockets.forEach((socket) => socket.destroy());
  onTestFinished(leave);
  const statuses: string[] = [];
  const asked = sockets.map(async (socket) => {
    socket.write(`GET /healthz HTTP/1.1\r\nhost: ${host}\r\n\r\n`);
    const told = new Promise<void>((resolve) => {
      socket.once("error", () => resolve()).once("close", () => resolve());
      socket.once("data", (bytes) => {
        statuses.push(bytes.toString("latin1").slice(9, 12));
        resolve();
      });
    });
    await Promise.race([told, sleep(answerAfterMs)]);
  });
  await Promise.all(asked);
  return { statuses, leave };
}

test.skipIf(process.platform === "win32").each([28, 32])(
  "a server that may open %i files says in one sentence what to do, and leaves",
  async (descriptors) => {
    const data = join(temporaryFolder(), "data");
    const ended = await run(["serve", "--data", data, "--listen", "127.0.0.1:0"], { descriptors });
    expect(ended).toEqual({
      status: 2,
      stdout: "",
      stderr: expect.stringMatching(/^holdfast: Fewer files may be open [^\n]*ulimit -n[^\n]*\n$/),
    });
  },
);

test.skipIf(process.platform === "win32").each([100, 320])(
  "a server that may open %i files outlives more connections than it has descriptors, and serves when they are gone",
  async (descriptors) => {
    const data = join(temporaryFolder(), "data");
    const served = await serve(["--data", data], { descriptors });
    const { endpoint } = served;
    const adminEndpoint = String(served.ready["adminEndpoint"]);
    const tenants = await crowd(endpoint, 250);
    expect(tenants.statuses).toHaveLength(250);
    expect(new Set(tenants.statuses)).toEqual(new Set(["403", "503"]));
    tenants.leave();
    const operators = await crowd(adminEndpoint, 250);
    expect(operators.statuses.length).toBeGreaterThan(0);
    const status = async (path: string): Promise<number> => {
      const answer = await fetch(path).catch(() => undefined);
      await answer?.arrayBuffer();
      return answer?.status ?? 0;
    };
    await expect.poll(() => status(`${endpoint}/-/health`), { timeout: 20_000 }).toBe(200);
    operators.leave();
    await expect.poll(() => status(`${adminEndpoint}/readyz`), { timeout: 20_000 }).toBe(200);
    const listed = await run(["bucket", "list", "--data", data]);
    expect(listed).toMatchObject({ status: 0 });
    served.signal("SIGTERM");
    const ended = await served.ended;
    expect(ended.status).toBe(0);
    expect(ended.stderr).not.toMatch(/EMFILE|unexpected/);
  },
);
