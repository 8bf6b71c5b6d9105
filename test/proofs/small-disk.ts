import { spawnSync } from "node:child_process";
import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { mkdtemp, readdir, rm, rmdir, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errnoOf } from "@holdfast/engine";

/** A file system of its own, small enough to be filled. */
export interface SmallDisk {
  readonly path: string;
  /** What the system calls the device, such as `loop0`; empty where there is none. */
  readonly device: string;
  /** Takes every byte that is left, as somebody else's file would; resolves with what gives them back. */
  takeAll(): () => void;
  /** Takes it away and brings it back, checked, as a reboot does; an ext4 only. */
  remount(): Promise<void>;
  unmount(): Promise<void>;
}

/** Why no file system can be mounted here; undefined when one can. */
export function mountObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return "not root, so nothing can be mounted";
  const trial = spawnSync("/usr/bin/unshare", ["-m", "mount", "-t", "tmpfs", "trial", "/mnt"]);
  if (trial.status !== 0) return "mounting a tmpfs is not permitted here";
}

/** Why no image of a disk can be mounted here; undefined when one can. */
export async function loopObstacle(): Promise<string | undefined> {
  const obstacle = mountObstacle();
  if (obstacle !== undefined) return obstacle;
  try {
    await (await mountExt4(8)).unmount();
  } catch (error) {
    return `no ext4 can be mounted from a loop device: ${String(error)}`;
  }
}

/** A tmpfs; `options` as for mount, such as `size=8m`. */
export async function mountTmpfs(options: string): Promise<SmallDisk> {
  const path = await mkdtemp(join(tmpdir(), "holdfast-tmpfs-"));
  run("mount", ["-t", "tmpfs", "-o", options, "holdfast", path]);
  return mounted({ path, device: "", remount: gone, remove: () => rmdir(path) });
}

/** An ext4 on an image of so many MiB. */
export async function mountExt4(mebibytes: number, options = "loop"): Promise<SmallDisk> {
  const place = await mkdtemp(join(tmpdir(), "holdfast-ext4-"));
  const image = join(place, "image");
  const path = await mkdtemp(join(place, "mount-"));
  await writeFile(image, "");
  await truncate(image, mebibytes * 1024 * 1024);
  run("mkfs.ext4", ["-q", "-F", image]);
  run("mount", ["-o", options, image, path]);
  const source = run("findmnt", ["-n", "-o", "SOURCE", path]).trim();
  return mounted({
    path,
    device: source.slice(source.lastIndexOf("/") + 1),
    remount: async () => {
      run("umount", [path]);
      run("e2fsck", ["-p", image], [0, 1]);
      run("mount", ["-o", options, image, path]);
    },
    remove: () => rm(place, { recursive: true }),
  });
}

async function gone(): Promise<void> {
  throw new Error("a tmpfs does not outlive its mount");
}

interface Mounted extends Pick<SmallDisk, "device" | "path" | "remount"> {
  readonly remove: () => Promise<void>;
}

function mounted({ path, device, remount, remove }: Mounted): SmallDisk {
  return {
    path,
    device,
    takeAll: () => takeAll(join(path, "somebody-else")),
    remount,
    unmount: async () => {
      run("umount", [path]);
      if ((await readdir(path)).length > 0) throw new Error(`${path} is still mounted`);
      await remove();
    },
  };
}

function takeAll(path: string): () => void {
  const file = openSync(path, "w");
  for (const bytes of [Buffer.alloc(65_536, 1), Buffer.alloc(1024, 1), Buffer.alloc(1, 1)]) {
    try {
      for (;;) writeSync(file, bytes);
    } catch (error) {
      if (errnoOf(error) !== "ENOSPC") throw error;
    }
  }
  closeSync(file);
  return () => unlinkSync(path);
}

function run(command: string, args: readonly string[], fine: readonly number[] = [0]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== null && fine.includes(status)) return stdout;
  throw error ?? new Error(`${command} ${args.join(" ")}: ${stderr}`);
}
