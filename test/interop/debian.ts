import { installPackages } from "../install-packages.ts";

/** What each client of the suite needs from Debian: the package, and the file that shows it is there. */
const wanted = {
  awscli: "/usr/bin/aws",
  "python3-boto3": "/usr/lib/python3/dist-packages/boto3/__init__.py",
  rclone: "/usr/bin/rclone",
  s3cmd: "/usr/bin/s3cmd",
  restic: "/usr/bin/restic",
  s3fs: "/usr/bin/s3fs",
  curl: "/usr/bin/curl",
} as const;

export type DebianPackage = keyof typeof wanted;

/** Packages still missing after an attempt to install them, each with the reason to print. */
export type Missing = Partial<Record<DebianPackage, string>>;

/** Installs the Debian packages that are missing, saying what it does, and returns those that stay missing and why. */
export function installMissing(log: (line: string) => void): Missing {
  const packages = new Map(Object.entries(wanted));
  return Object.fromEntries(installPackages(packages, log));
}
