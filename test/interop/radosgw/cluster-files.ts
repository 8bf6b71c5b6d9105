import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run.ts";

/** Where a cluster is kept and how its parts find each other. */
export interface Cluster {
  readonly directory: string;
  readonly fsid: string;
  readonly monitorPort: number;
}

/** The whole configuration: one of each daemon, all on loopback, nothing outside the directory. */
const configuration = ({
  directory,
  fsid,
  monitorPort,
}: Cluster): Readonly<Record<string, string>> => ({
  fsid,
  "mon initial members": "a",
  "mon host": `v2:127.0.0.1:${monitorPort}`,
  "public network": "127.0.0.1/32",
  "public addr": "127.0.0.1",
  "cluster addr": "127.0.0.1",
  "ms bind ipv6": "false",
  keyring: join(directory, "keyring"),
  "mon data": join(directory, "mon"),
  "osd data": join(directory, "osd"),
  "rgw data": join(directory, "run"),
  "run dir": join(directory, "run"),
  "crash dir": join(directory, "run"),
  "admin socket": "",
  "pid file": "",
  "log file": "",
  "mon cluster log file": "",
  "log to stderr": "true",
  // A pool of a single replica has to be asked for.
  "mon allow pool size one": "true",
  "mon max pg per osd": "1000",
  "osd pool default size": "1",
  "osd pool default min size": "1",
  "osd pool default pg num": "4",
  "osd pool default pgp num": "4",
  "osd pool default pg autoscale mode": "off",
  "osd crush chooseleaf type": "0",
  "osd objectstore": "memstore",
  "memstore device bytes": String(4 * 2 ** 30),
  // Else every bad credential is AccessDenied.
  "rgw s3 auth use sts": "false",
});

const keys: readonly (readonly [entity: string, ...capabilities: string[]])[] = [
  ["mon.", "--cap", "mon", "allow *"],
  ["client.admin", "--cap", "mon", "allow *", "--cap", "osd", "allow *"],
  ["osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *"],
  ["client.rgw", "--cap", "mon", "allow rw", "--cap", "osd", "allow rwx"],
];

/** The environment of Ceph's programs: nothing inherited, and no configuration of the machine's. */
export const cephEnvironment = (directory: string): Readonly<Record<string, string>> => ({
  PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
  LANG: "C.UTF-8",
  HOME: directory,
  CEPH_CONF: join(directory, "ceph.conf"),
});

/** Runs a program of Ceph's to its end; rejects with what it said if it fails. */
export const ceph = (directory: string, file: string, ...args: string[]): Promise<string> =>
  run({ file: `/usr/bin/${file}`, args, env: cephEnvironment(directory) });

/** Writes the configuration, the keys and the map that a monitor starts from. */
export async function writeClusterFiles(cluster: Cluster): Promise<void> {
  const { directory, fsid, monitorPort } = cluster;
  for (const name of ["mon", "osd", "run"]) await mkdir(join(directory, name));
  const lines = Object.entries(configuration(cluster)).map(([key, value]) => `${key} = ${value}`);
  await writeFile(join(directory, "ceph.conf"), `[global]\n${lines.join("\n")}\n`);
  const keyring = join(directory, "keyring");
  await ceph(directory, "ceph-authtool", "--create-keyring", keyring);
  for (const [entity, ...capabilities] of keys) {
    await ceph(directory, "ceph-authtool", keyring, "--gen-key", "-n", entity, ...capabilities);
  }
  const monitor = ["--addv", "a", `[v2:127.0.0.1:${monitorPort}]`, join(directory, "monmap")];
  await ceph(directory, "monmaptool", "--create", "--fsid", fsid, ...monitor);
}
