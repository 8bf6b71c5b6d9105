import { existsSync } from "node:fs";
import { spawnSync } from "node:child_process";

function obstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "not root, so it cannot be installed";
  if (!existsSync("/usr/bin/apt-get")) return "there is no apt-get to install it with";
}

function apt(args: readonly string[], log: (line: string) => void): string | undefined {
  log(`apt-get ${args.join(" ")}`);
  const { status, stderr, error } = spawnSync("/usr/bin/apt-get", args, {
    encoding: "utf8",
    timeout: 300_000,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  if (status === 0) return;
  return error?.message ?? `apt-get ${args[0]} failed: ${stderr.trim().split("\n").at(-1)}`;
}

/**
 * Installs the Debian packages whose file is not there, saying what it does; returns those that stay
 * missing, each with the reason to print.
 */
export function installPackages<Name extends string>(
  wanted: ReadonlyMap<Name, string>,
  log: (line: string) => void,
): ReadonlyMap<Name, string> {
  const absent = (): Name[] =>
    [...wanted].flatMap(([name, file]) => (existsSync(file) ? [] : [name]));
  const packages = absent();
  if (packages.length === 0) return new Map();
  const reason =
    obstacle() ??
    apt(["update", "-q"], log) ??
    apt(["install", "-q", "-y", "--no-install-recommends", ...packages], log) ??
    "the package was installed without the file that is looked for";
  return new Map(absent().map((name) => [name, `${name} is missing: ${reason}`]));
}
