import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";

/** What is used of Debian: the package, and the file that shows it is there. */
const wanted = {
  awscli: "/usr/bin/aws",
  "python3-boto3": "/usr/lib/python3/dist-packages/boto3/__init__.py",
  rclone: "/usr/bin/rclone",
  s3cmd: "/usr/bin/s3cmd",
  restic: "/usr/bin/restic",
  s3fs: "/usr/bin/s3fs",
  curl: "/usr/bin/curl",
  faketime: "/usr/bin/faketime",
  strace: "/usr/bin/strace",
  xfsprogs: "/usr/sbin/mkfs.xfs",
  e2fsprogs: "/usr/sbin/mkfs.ext4",
  "util-linux": "/usr/bin/unshare",
  "openssh-server": "/usr/sbin/sshd",
  "ceph-mon": "/usr/bin/ceph-mon",
  "ceph-osd": "/usr/bin/ceph-osd",
  radosgw: "/usr/bin/radosgw",
} as const;

/** One file at a time: apt gives up when somebody else is at it, and test files run side by side. */
const lock = `${tmpdir()}/holdfast-apt.lock`;
const waitSeconds = 300;
const installMsMax = 600_000;

/** What the interop suite needs: its clients, and the servers of its own. */
const ofInterop: readonly DebianPackage[] = [
  "awscli",
  "python3-boto3",
  "rclone",
  "s3cmd",
  "restic",
  "s3fs",
  "curl",
  "openssh-server",
  "ceph-mon",
  "ceph-osd",
  "radosgw",
];

export type DebianPackage = keyof typeof wanted;

/** Packages still missing after an attempt to install them, each with the reason to print. */
export type Missing = Partial<Record<DebianPackage, string>>;

const absent = (packages: readonly DebianPackage[]): DebianPackage[] =>
  packages.filter((name) => !existsSync(wanted[name]));

function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "not root, so it cannot be installed";
  if (!existsSync("/usr/bin/apt-get")) return "there is no apt-get to install it with";
}

function apt(args: readonly string[], log: (line: string) => void): string | undefined {
  log(`apt-get ${args.join(" ")}`);
  const alone = ["-w", String(waitSeconds), lock, "/usr/bin/apt-get"];
  const { status, stderr, error } = spawnSync("/usr/bin/flock", [...alone, ...args], {
    encoding: "utf8",
    timeout: installMsMax,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status === 0) return;
  return error?.message ?? `apt-get ${args[0]} failed: ${stderr.trim().split("\n").at(-1)}`;
}

/** Installs the Debian packages that are missing, saying what it does, and returns those that stay missing and why. */
export function installMissing(
  log: (line: string) => void,
  packages: readonly DebianPackage[] = ofInterop,
): Missing {
  const missing = absent(packages);
  if (missing.length === 0) return {};
  const reason =
    obstacle() ??
    apt(["update", "-q"], log) ??
    apt(["install", "-q", "-y", "--no-install-recommends", ...missing], log) ??
    "the package was installed without the file that it is needed for";
  return Object.fromEntries(
    absent(packages).map((name) => [name, `${name} is missing: ${reason}`]),
  );
}
