import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { installMissing } from "../interop/debian.ts";
import { healthEvents } from "./health-events.ts";
import { startServer, type ServerChild } from "./server-child.ts";
import { Shelf } from "./shelf.ts";
import { loopObstacle, mountExt4 } from "./small-disk.ts";

const bucket = "kept";
const say = (line: string): void => console.log(line);

const { strace: straceMissing } = installMissing(say, ["strace"]);
if (straceMissing !== undefined) say(`skipped: ${straceMissing}`);
const obstacleOfLoops = await loopObstacle();
if (obstacleOfLoops !== undefined) say(`skipped: ${obstacleOfLoops}`);

let directory: string;
let server: ServerChild | undefined;
let shelf: Shelf;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-syscalls-"));
  shelf = new Shelf(bucket);
});

afterEach(async () => {
  shelf.close();
  await server?.kill();
  server = undefined;
  await rm(directory, { recursive: true, force: true });
});

type Start = Omit<Parameters<typeof startServer>[0], "directory" | "buckets">;

async function start(options: Start = {}, data = join(directory, "data")): Promise<ServerChild> {
  server = await startServer({ directory: data, buckets: [bucket], ...options });
  shelf.connect(server.port);
  return server;
}

interface Fault {
  readonly call: string;
  /** Of the calls on this file; with one thread, it counts them all. */
  readonly when: string;
  /** Within the data directory. */
  readonly path: string;
  /** What the call answers instead of being made. */
  readonly answer?: string;
}

function failing({ call, when, path, answer = "error=EIO" }: Fault): Start {
  const expressions = [`trace=${call}`, `inject=${call}:${answer}:when=${when}`];
  const target = join(directory, "data", path);
  const inject = expressions.flatMap((expression) => ["-e", expression]);
  return {
    through: ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-P", target, ...inject],
    env: { UV_THREADPOOL_SIZE: "1" },
  };
}

/** Inline objects, and ones with a file of their own; stops at the first that is not taken. */
async function putUntilRefused(): Promise<string> {
  for (let index = 0; index < 60; index += 1) {
    const outcome = await shelf.put(`k${index}`, index % 3 === 0 ? 40_000 : 500);
    if (outcome !== "ok") return outcome;
  }
  return "nothing refused";
}

async function files(below: string): Promise<number> {
  const entries = await readdir(below, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

async function expectReadOnly(running: ServerChild, reason: string): Promise<void> {
  expect(await shelf.put("later", 500)).toBe("ServiceUnavailable");
  expect(await shelf.put("later-large", 40_000)).toBe("ServiceUnavailable");
  expect(await shelf.delete("k0")).toBe("ServiceUnavailable");
  const health = await shelf.send({ method: "GET", target: "/-/health" });
  expect(health.status).toBe(503);
  const said: unknown = JSON.parse(health.body.toString());
  expect(said).toMatchObject({ writable: false, reason, errno: "EIO", passing: false });
  const events = healthEvents(running);
  expect(events).toEqual([
    { event: "health", writable: false, reason, passing: false, errno: "EIO" },
  ]);
}

const log = "log/0000000000000001.log";
const blobs = "blobs/0000000001";

describe.each([
  { what: "a sync of the log", call: "fdatasync", when: "20", path: log },
  {
    what: "a sync of an object's file",
    call: "fdatasync",
    when: "1",
    path: `${blobs}/0000000001003.new`,
  },
  { what: "a sync of a directory of objects", call: "fsync", when: "4", path: blobs },
])("$what that fails with EIO", ({ what, call, when, path }) => {
  test.skipIf(straceMissing !== undefined)(
    "ends writing, is said, leaves reading alone, and a restart has all that was acknowledged",
    async () => {
      const running = await start(failing({ call, when, path }));
      expect(await putUntilRefused()).toBe("ServiceUnavailable");
      const kept = shelf.kept().length;
      expect(kept).toBeGreaterThan(5);
      await expectReadOnly(running, "sync_failed");
      const metrics = (await shelf.send({ method: "GET", target: "/-/metrics" })).body.toString();
      expect(metrics).toMatch(/^holdfast_writable 0$/m);
      expect(metrics).toMatch(/^holdfast_sync_failures_total 1$/m);
      expect(metrics).toMatch(
        /^holdfast_refusals_total\{code="ServiceUnavailable",reason="sync_failed"\} 4$/m,
      );
      const unread = shelf.kept().filter((key) => !key.startsWith("later"));
      for (const key of unread) {
        const target = `/${bucket}/${key}`;
        expect((await shelf.send({ method: "GET", target })).status).toBe(200);
      }
      await running.kill();
      await start();
      expect(await shelf.check()).toEqual([]);
      expect(await shelf.put("again", 40_000)).toBe("ok");
      console.log(`${what}: ${kept} acknowledged before it, 0 after it; ${shelf.counts()}; 0 lost`);
    },
  );
});

test.skipIf(straceMissing !== undefined)(
  "sabotage: a sync that was not made and says that it was goes on acknowledging, which the proof sees",
  async () => {
    const hidden = { call: "fdatasync", when: "20", path: log, answer: "retval=0" };
    const running = await start(failing(hidden));
    expect(await putUntilRefused()).toBe("nothing refused");
    expect(healthEvents(running)).toEqual([]);
    await expect(expectReadOnly(running, "sync_failed")).rejects.toThrow("ServiceUnavailable");
  },
);

test.skipIf(straceMissing !== undefined)(
  "a write of the log that fails with EIO refuses its commit alone, and takes nothing with it",
  async () => {
    await start(failing({ call: "pwrite64", when: "15", path: log }));
    expect(await putUntilRefused()).toBe("InternalError");
    for (let index = 0; index < 10; index += 1) {
      expect(await shelf.put(`after${index}`, index * 5000)).toBe("ok");
    }
    expect(await shelf.check()).toEqual([]);
    await server?.kill();
    const restarted = await start();
    expect(restarted.recovered.cutBytes).toBe(0);
    expect(await shelf.check()).toEqual([]);
    console.log(`a write of the log: ${shelf.counts()}; 0 lost`);
  },
);

test("an object that would make a file larger than the limit is refused by name, after a short write, and leaves no file", async () => {
  const through = ["bash", "-c", 'ulimit -f 2048; exec "$@"', "bash"];
  const running = await start({ through });
  expect(await shelf.put("small", 100_000)).toBe("ok");
  for (const size of [2_097_152, 2_200_000, 3_000_000, 9_000_000]) {
    expect(await shelf.put(`large${size}`, size)).toBe("InsufficientStorage");
  }
  expect(await shelf.put("small", 200_000)).toBe("ok");
  expect(await shelf.check()).toEqual([]);
  expect(running.isRunning()).toBe(true);
  expect(healthEvents(running)).toEqual([]);
  await running.kill();
  const restarted = await start();
  expect(restarted.recovered).toMatchObject({ orphanedBlobs: 0, cutBytes: 0 });
  expect(await files(join(directory, "data", "blobs"))).toBe(1);
  expect(await shelf.check()).toEqual([]);
  expect(await shelf.put("large", 3_000_000)).toBe("ok");
  console.log(`files of 2 MiB at most: ${shelf.counts()}; 0 lost`);
});

test.skipIf(obstacleOfLoops !== undefined)(
  "a file system that the kernel turns read-only acknowledges nothing more, reads on, and has all after it was mounted again",
  { timeout: 300_000 },
  async () => {
    const disk = await mountExt4(64, "loop,errors=remount-ro");
    const data = join(disk.path, "data");
    try {
      const running = await start({}, data);
      for (let index = 0; index < 40; index += 1) {
        expect(await shelf.put(`k${index}`, index % 3 === 0 ? 40_000 : 500)).toBe("ok");
      }
      await writeFile(`/sys/fs/ext4/${disk.device}/trigger_fs_error`, "1");
      for (const size of [500, 40_000, 300_000]) {
        expect(await shelf.put(`late${size}`, size)).toBe("ServiceUnavailable");
      }
      expect(await shelf.delete("k1")).toBe("ServiceUnavailable");
      for (const key of ["k0", "k1", "k39"]) {
        const target = `/${bucket}/${key}`;
        expect((await shelf.send({ method: "GET", target })).status).toBe(200);
      }
      const events = healthEvents(running).map(({ reason }) => reason);
      await running.kill();
      await disk.remount();
      await start({}, data);
      expect(await shelf.check()).toEqual([]);
      expect(await shelf.put("again", 40_000)).toBe("ok");
      console.log(`read-only (${events.join()}): ${shelf.counts()}; 0 lost`);
    } finally {
      shelf.close();
      await server?.kill();
      await disk.unmount();
    }
  },
);
