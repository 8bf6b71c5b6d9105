import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Copies what git tracks or would track, with a `node_modules` whose workspace packages are the copy's own. */
export function copyWorkspace(root: string, copy: string): void {
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: root, encoding: "utf8", maxBuffer: 16 * 1024 * 1024 },
  );
  for (const file of listed.split("\0")) {
    const source = join(root, file);
    // Git goes on listing a file that was deleted until somebody stages it.
    if (file === "" || !existsSync(source)) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(source, join(copy, file));
  }
  linkModules(join(root, "node_modules"), join(copy, "node_modules"));
}

function linkModules(source: string, target: string): void {
  mkdirSync(target);
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const from = join(source, entry.name);
    const to = join(target, entry.name);
    // npm links to workspace packages by relative paths, which here lead into the copy.
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else if (entry.name === "@holdfast") linkModules(from, to);
    else if (!entry.name.startsWith(".")) symlinkSync(from, to);
  }
}
