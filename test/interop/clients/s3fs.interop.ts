import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, rm, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { endWithUs } from "../end-with-us.ts";
import { sha256OfFile } from "../fixtures.ts";
import { rawRequest } from "../raw-request.ts";
import { attempt, run } from "../run.ts";
import { runSubject } from "../run-subject.ts";
import { environment, type Session } from "../session.ts";
import { type Says, saysUnder, type Step, type Subject, type World } from "../steps.ts";
import { xmlElements } from "../xml-elements.ts";

const mountTimeoutMs = 20_000;
const unmountTimeoutMs = 10_000;
const name = "ü b+c %41 🗝️";

/** What s3fs says when it gives up: it has words for three of the four mistakes, and no codes. */
interface Mount {
  readonly child: ChildProcess;
  readonly point: string;
  readonly said: () => string;
}

async function startMount(session: Session, bucket: string): Promise<Mount> {
  const point = await mkdtemp(join(session.home, "mount-"));
  const secret = `${point}.passwd`;
  await writeFile(secret, `${session.accessKeyId}:${session.secretAccessKey}\n`, { mode: 0o600 });
  const options = [
    "use_path_request_style",
    "sigv4",
    `url=${session.url}`,
    `passwd_file=${secret}`,
  ];
  const more = ["multipart_size=8", `endpoint=${session.region}`, "retries=1", "dbglevel=err"];
  const args = [...options, ...more].flatMap((option) => ["-o", option]);
  const child = spawn("/usr/bin/s3fs", [bucket, point, "-f", ...args], {
    env: environment(session),
    stdio: ["ignore", "pipe", "pipe"],
  });
  endWithUs(child);
  let said = "";
  const collect = (chunk: Buffer): void => void (said += chunk.toString());
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  return { child, point, said: () => said };
}

const ended = ({ child }: Mount): boolean => child.exitCode !== null || child.signalCode !== null;

/** A mount is up when its device differs from its parent's; one that just gave up cannot be asked. */
async function isMounted({ point }: Mount): Promise<boolean> {
  const outer = await stat(join(point, ".."));
  const inner = await stat(point).catch(() => outer);
  return inner.dev !== outer.dev;
}

async function untilMountedOrEnded(mount: Mount): Promise<void> {
  const deadline = performance.now() + mountTimeoutMs;
  while (!ended(mount) && !(await isMounted(mount))) {
    if (performance.now() > deadline) throw new Error(`s3fs did not mount: ${mount.said()}`);
    await delay(50);
  }
}

/** A refused mount is there for a moment: s3fs asks the service after it has mounted, and then gives up. */
async function untilEnded(mount: Mount): Promise<void> {
  if (!ended(mount))
    await once(mount.child, "close", { signal: AbortSignal.timeout(mountTimeoutMs) });
}

async function end(session: Session, mount: Mount): Promise<void> {
  const gone = ended(mount) ? Promise.resolve() : once(mount.child, "exit");
  const force = setTimeout(() => mount.child.kill("SIGKILL"), unmountTimeoutMs);
  // Where s3fs has ended by itself this finds nothing to do, or the mount that a crash left behind.
  const args = ["-u", "-z", "-q", mount.point];
  await attempt({ file: "/usr/bin/fusermount", args, env: environment(session) });
  await gone;
  clearTimeout(force);
}

async function mounted(world: World, use: (point: string) => Promise<void>): Promise<void> {
  const mount = await startMount(world.session, world.bucket);
  try {
    await untilMountedOrEnded(mount);
    if (ended(mount)) throw new Error(`s3fs ended: ${mount.said()}`);
    await use(mount.point);
  } finally {
    await end(world.session, mount);
  }
}

/** s3fs has words of its own for a 403 and a 404, and logs the document with the code. */
function reported(mount: Mount): string {
  const said = mount.said();
  const words = /invalid credentials|bucket or key not found|unable to connect/.exec(said)?.[0];
  return words === undefined ? said : `${words} (${xmlElements(said, "Code")[0]})`;
}

const refused = (code: string): Says => ({
  documented: `unable to connect (${code})`,
  aws: `invalid credentials (${code})`,
});

function mistakeStep(wanted: {
  id: string;
  change: Partial<Session>;
  suffix: string;
  says: Says;
}): Step {
  return {
    id: `reports:${wanted.id}`,
    promise: `reports as its own error: ${wanted.id.replaceAll("-", " ")}`,
    says: wanted.says,
    run: async ({ session, bucket }) => {
      const mount = await startMount({ ...session, ...wanted.change }, `${bucket}${wanted.suffix}`);
      try {
        await untilEnded(mount);
        expect(reported(mount)).toBe(saysUnder(wanted.says, session.profile));
      } finally {
        await end(session, mount);
      }
    },
  };
}

const steps: readonly Step[] = [
  {
    id: "s3fs:write",
    promise: "writes a file through the mount and the object has its bytes",
    run: async (world) => {
      const { session, bucket, fixtures } = world;
      expect((await rawRequest(session, { method: "PUT", bucket })).status).toBe(200);
      await mounted(world, (point) => copyFile(fixtures.small.file, join(point, name)));
      const head = await rawRequest(session, { method: "HEAD", bucket, key: name });
      expect(head.headers["content-length"]).toBe(String(fixtures.small.size));
    },
  },
  {
    id: "s3fs:read",
    promise: "reads and lists what another mount wrote",
    run: (world) =>
      mounted(world, async (point) => {
        expect(await readdir(point)).toEqual([name]);
        expect(await sha256OfFile(join(point, name))).toBe(world.fixtures.small.sha256);
      }),
  },
  {
    id: "s3fs:large",
    promise: "writes 20 MB in parts below a directory and reads the same bytes back",
    run: async (world) => {
      await mounted(world, async (point) => {
        await mkdir(join(point, "directory"));
        await copyFile(world.fixtures.medium.file, join(point, "directory", "medium"));
      });
      await mounted(world, async (point) => {
        const file = join(point, "directory", "medium");
        expect(await sha256OfFile(file)).toBe(world.fixtures.medium.sha256);
      });
      const { session, bucket } = world;
      const head = await rawRequest(session, { method: "HEAD", bucket, key: "directory/medium" });
      expect(head.headers.etag).toMatch(/^"[0-9a-f]{32}-[2-9]"$/);
    },
  },
  {
    id: "reports:missing-key",
    promise: "reports as its own error: missing key",
    says: "ENOENT",
    run: (world) =>
      mounted(world, async (point) => {
        await expect(stat(join(point, "no-such-key"))).rejects.toMatchObject({ code: "ENOENT" });
      }),
  },
  mistakeStep({
    id: "missing-bucket",
    change: {},
    suffix: "-none",
    says: "bucket or key not found (NoSuchBucket)",
  }),
  mistakeStep({
    id: "wrong-secret",
    change: { secretAccessKey: "wrong/wrong+wrong/wrong+wrong/wrong+wron" },
    suffix: "",
    says: refused("SignatureDoesNotMatch"),
  }),
  mistakeStep({
    id: "unknown-key-id",
    change: { accessKeyId: "AKIAUNKNOWNUNKNOWNXX" },
    suffix: "",
    says: refused("InvalidAccessKeyId"),
  }),
  {
    id: "s3fs:delete",
    promise: "deletes what it wrote",
    run: async (world) => {
      await mounted(world, async (point) => {
        await unlink(join(point, name));
        await rm(join(point, "directory"), { recursive: true });
        expect(await readdir(point)).toEqual([]);
      });
      const { session, bucket } = world;
      const head = await rawRequest(session, { method: "HEAD", bucket, key: name });
      expect(head.status).toBe(404);
    },
  },
];

const noFuse = "there is no /dev/fuse to mount with";

const subject: Subject = {
  name: "s3fs",
  needs: "s3fs",
  version: async (session) =>
    (await run({ file: "/usr/bin/s3fs", args: ["--version"], env: environment(session) })).replace(
      /^.*?V(\S+).*$/s,
      "$1",
    ),
  cannot: existsSync("/dev/fuse") ? {} : Object.fromEntries(steps.map(({ id }) => [id, noFuse])),
  steps,
};

runSubject(subject);
