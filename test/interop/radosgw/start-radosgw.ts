import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { type DebianPackage, installMissing, type Missing } from "../debian.ts";
import { freePort } from "../free-port.ts";
import { makeTemporaryDirectory } from "../temporary-directory.ts";
import { ceph, type Cluster, writeClusterFiles } from "./cluster-files.ts";
import { type Daemon, startDaemon } from "./daemon.ts";

/** One user of the gateway. */
export interface RadosgwUser {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Ceph's S3 gateway on loopback, over one monitor and one store in memory. */
export interface Radosgw {
  readonly url: string;
  readonly port: number;
  readonly region: string;
  /** As the program states it. */
  readonly version: string;
  readonly owner: RadosgwUser;
  /** Valid as well, and owns no bucket. */
  readonly stranger: RadosgwUser;
  /** Ends every daemon and removes every file. */
  stop(): Promise<void>;
}

const packages: readonly DebianPackage[] = ["ceph-mon", "ceph-osd", "radosgw"];
const startTimeoutMs = 60_000;

const log = (line: string): boolean => process.stdout.write(`interop: ${line}\n`);

/** Installs what is missing of Ceph, and says why where something stays missing. */
export function installRadosgw(): string | undefined {
  const missing: Missing = installMissing(log, packages);
  return Object.values(missing)[0];
}

async function createUser(directory: string, name: string): Promise<RadosgwUser> {
  const user = {
    accessKeyId: `INTEROP${name.toUpperCase()}KEYID`,
    secretAccessKey: `interop/${name}+secret=0123456789`,
  };
  const key = ["--access-key", user.accessKeyId, "--secret-key", user.secretAccessKey];
  const who = ["--uid", name, "--display-name", name, "--max-buckets", "0"];
  await ceph(directory, "radosgw-admin", "user", "create", ...who, ...key);
  return user;
}

async function startStorage({ directory }: Cluster, daemons: Daemon[]): Promise<void> {
  const keyring = ["--keyring", join(directory, "keyring")];
  const map = ["--monmap", join(directory, "monmap")];
  await ceph(directory, "ceph-mon", "--mkfs", "-i", "a", ...map, ...keyring);
  daemons.push(startDaemon(directory, "ceph-mon", ["-i", "a"]));
  const id = randomUUID();
  await ceph(directory, "ceph", "--connect-timeout", "30", "osd", "new", id);
  await ceph(directory, "ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", id);
  daemons.push(startDaemon(directory, "ceph-osd", ["-i", "0"]));
}

async function answers(url: string, daemons: readonly Daemon[]): Promise<void> {
  const until = performance.now() + startTimeoutMs;
  for (;;) {
    const failure = daemons.map((daemon) => daemon.failure()).find((said) => said !== undefined);
    if (failure !== undefined) throw new Error(failure);
    const status = await fetch(url).then(
      (answer) => answer.status,
      () => undefined,
    );
    if (status === 200) return;
    if (performance.now() > until) throw new Error(`radosgw does not answer on ${url}`);
    await after(100);
  }
}

/** Starts a cluster of its own with two users; resolves when the gateway answers, after some twenty seconds. */
export async function startRadosgw(): Promise<Radosgw> {
  const temporary = makeTemporaryDirectory();
  const directory = temporary.path;
  const daemons: Daemon[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(daemons.splice(0).map((daemon) => daemon.stop()));
    temporary.remove();
  };
  try {
    const cluster = { directory, fsid: randomUUID(), monitorPort: await freePort() };
    await writeClusterFiles(cluster);
    await startStorage(cluster, daemons);
    const owner = await createUser(directory, "owner");
    const stranger = await createUser(directory, "stranger");
    const port = await freePort();
    const frontend = ["--rgw-frontends", `beast endpoint=127.0.0.1:${port}`];
    daemons.push(startDaemon(directory, "radosgw", ["-n", "client.rgw", ...frontend]));
    const url = `http://127.0.0.1:${port}`;
    await answers(url, daemons);
    const version = (await ceph(directory, "radosgw", "--version")).split(" ")[2] ?? "unknown";
    return { url, port, region: "us-east-1", version, owner, stranger, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
