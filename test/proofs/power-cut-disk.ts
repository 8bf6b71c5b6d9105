import { execFile, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { installMissing } from "../interop/debian.ts";

/** File systems whose power can be cut, and what makes one. */
const makers = {
  ext4: ["mkfs.ext4", "-q", "-F"],
  xfs: ["mkfs.xfs", "-q", "-f"],
} as const;

export type FileSystem = keyof typeof makers;

const imageSize = "400M";
const run = promisify(execFile);

/**
 * A file system on a loop device of its own, whose power can be cut without the machine noticing. Its
 * image is in memory and its mounts are its own, so that nothing of it outlives the process.
 */
export class PowerCutDisk {
  /** Where it is mounted, for whoever runs `through` these words. */
  readonly directory: string;
  /** What runs a command where the mount is, and kills it if we end before it. */
  readonly through: readonly string[];
  readonly #root: string;
  readonly #holder: ChildProcess;

  private constructor(root: string, holder: ChildProcess) {
    this.#root = root;
    this.#holder = holder;
    this.directory = join(root, "mount");
    const namespace = `--mount=/proc/${holder.pid}/ns/mnt`;
    this.through = ["nsenter", namespace, "--", "setpriv", "--pdeathsig", "KILL", "--"];
  }

  /** Makes one and mounts it; rejects with what the machine said when it cannot be had here. */
  static async make(kind: FileSystem): Promise<PowerCutDisk> {
    const root = await mkdtemp(join(tmpdir(), `holdfast-power-${kind}-`));
    const holder = holdNamespace();
    const disk = new PowerCutDisk(root, holder);
    try {
      await Promise.race([once(holder.stdout ?? holder, "data"), ended(holder)]);
      await disk.#run(["mount", "-t", "tmpfs", "tmpfs", root]);
      await disk.#run(["mkdir", disk.directory]);
      await disk.#run(["truncate", "-s", imageSize, disk.#image]);
      await disk.#run([...makers[kind], disk.#image]);
      await disk.mount();
    } catch (error) {
      await disk.dispose();
      throw error;
    }
    return disk;
  }

  /** The same directory as this process sees it. */
  get seenFromHere(): string {
    return `/proc/${this.#holder.pid}/root${this.directory}`;
  }

  /** Replays the journal, as a start of the machine does. */
  async mount(): Promise<void> {
    await this.#run(["mount", "-o", "loop", this.#image, this.directory]);
  }

  async unmount(): Promise<void> {
    await this.#run(["umount", this.directory]);
  }

  /**
   * From now on nothing reaches the device: what was not synced is gone, but that with `journal` the
   * changes to directories and lengths still arrive, without the bytes of the files.
   */
  async cut(journal: boolean): Promise<void> {
    const command = journal ? "shutdown -f" : "shutdown";
    await this.#run(["xfs_io", "-x", "-c", command, this.directory]);
  }

  /** The mount and its loop device go with the last process that sees them. */
  async dispose(): Promise<void> {
    if (this.#holder.exitCode === null && this.#holder.signalCode === null) {
      const exited = once(this.#holder, "exit");
      this.#holder.kill("SIGKILL");
      await exited;
    }
    await rm(this.#root, { recursive: true, force: true });
  }

  get #image(): string {
    return join(this.#root, "image");
  }

  async #run(command: readonly string[]): Promise<void> {
    const [program = "", ...args] = [...this.through, ...command];
    await run(program, args);
  }
}

/** A process with mounts of its own, which ends when we close its input or are gone ourselves. */
function holdNamespace(): ChildProcess {
  const args = ["--mount", "--propagation", "private", "sh", "-c", "echo ready; exec cat"];
  return spawn("/usr/bin/unshare", args, { stdio: ["pipe", "pipe", "inherit"] });
}

async function ended(holder: ChildProcess): Promise<never> {
  await once(holder, "exit");
  throw new Error("there are no mounts of one's own here");
}

/** Why no power can be cut here, or undefined when it can; installs what is missing for it. */
export async function powerCutObstacle(): Promise<string | undefined> {
  if (process.platform !== "linux") return `${process.platform} has no loop devices`;
  if (process.getuid?.() !== 0) return "only root may mount";
  const missing = Object.values(
    installMissing(console.log, ["xfsprogs", "e2fsprogs", "util-linux"]),
  );
  if (missing.length > 0) return missing.join("; ");
  const { status, stderr } = spawnSync("/usr/sbin/losetup", ["--find"], { encoding: "utf8" });
  if (status !== 0) return `no loop device can be had: ${stderr.trim()}`;
  try {
    const disk = await PowerCutDisk.make("ext4");
    await disk.dispose();
  } catch (error) {
    return `no file system can be mounted: ${String(error)}`;
  }
}
