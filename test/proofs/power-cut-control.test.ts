import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { installMissing } from "../interop/debian.ts";
import { PowerCutDisk, powerCutObstacle, type FileSystem } from "./power-cut-disk.ts";
import { below, countFrom, seededRandom, seedFrom, type Random } from "./random.ts";

const cuts = countFrom("HOLDFAST_PROOF_CUTS", 20);
const sabotagedCuts = 4;
const fileSystems: readonly FileSystem[] = ["ext4", "xfs"];
const states = ["enabled", "disabled", "deleted"];

const changing = new URL(
  "../../packages/gateway/dist/control/changing-process.test.support.js",
  import.meta.url,
);
const telling = new URL(
  "../../packages/gateway/dist/control/telling-process.test.support.js",
  import.meta.url,
);

const obstacle = await powerCutObstacle();
if (obstacle !== undefined) console.log(`skipped, no power is cut: ${obstacle}`);
const { strace: straceMissing } = installMissing(console.log, ["strace"]);
if (straceMissing !== undefined) console.log(`skipped: ${straceMissing}`);

/** What makes every sync do nothing and say that it did. */
const withoutSync =
  "strace -D -f -qq -o /dev/null -e trace=fsync,fdatasync -e inject=fsync,fdatasync:retval=0".split(
    " ",
  );

interface Said {
  readonly accessKeyId: string;
  readonly is: string;
  readonly secretAccessKey: string;
}

function read(line: string): Said {
  const { accessKeyId, is, secretAccessKey } = JSON.parse(line);
  return { accessKeyId, is, secretAccessKey };
}

/** A control plane on a disk whose power is cut again and again. */
class ControlRun {
  readonly #disk: PowerCutDisk;
  readonly #random: Random;
  readonly #said = new Map<string, Said>();
  #last: string | undefined;
  acknowledged = 0;

  constructor(disk: PowerCutDisk, seed: number) {
    this.#disk = disk;
    this.#random = seededRandom(seed);
  }

  /** Has credentials changed until, at some moment, the power is cut and comes back. */
  async changeUntilCut(through: readonly string[]): Promise<void> {
    const [command = "", ...args] = [...this.#disk.through, ...through, ...this.#program(changing)];
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    const exited = once(child, "exit");
    const lines = createInterface({ input: child.stdout });
    const ended = once(lines, "close");
    lines.on("line", (line) => {
      const said = read(line);
      this.#said.set(said.accessKeyId, said);
      this.#last = said.accessKeyId;
      this.acknowledged += 1;
    });
    await once(lines, "line");
    await sleep(below(this.#random, 300));
    await this.#disk.cut(below(this.#random, 4) === 0);
    child.kill("SIGKILL");
    await Promise.all([exited, ended]);
    await this.#disk.unmount();
    await this.#disk.mount();
  }

  /** Which acknowledged changes are not there; what was under way at the cut may be. */
  async lost(): Promise<string[]> {
    const there = new Map((await this.tell()).map((said) => [said.accessKeyId, said]));
    const lost: string[] = [];
    for (const [id, said] of this.#said) {
      const found = there.get(id);
      const is = found?.is ?? "deleted";
      const next = states[states.indexOf(said.is) + 1];
      const isNext = id === this.#last && is === next;
      const isSame = found === undefined || found.secretAccessKey === said.secretAccessKey;
      if (!isSame || (is !== said.is && !isNext)) lost.push(`${id} is ${is}, not ${said.is}`);
      this.#said.set(id, { ...said, is });
    }
    return lost;
  }

  /** What a new process finds. */
  async tell(): Promise<Said[]> {
    const [command = "", ...args] = [...this.#disk.through, ...this.#program(telling)];
    const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 2 ** 26 });
    return stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => read(line));
  }

  #program(program: URL): string[] {
    const files = ["control.db", "master-keys"].map((file) => join(this.#disk.directory, file));
    return [process.execPath, fileURLToPath(program), ...files];
  }
}

async function onDisk(
  fileSystem: FileSystem,
  work: (disk: PowerCutDisk) => Promise<void>,
): Promise<void> {
  const disk = await PowerCutDisk.make(fileSystem);
  try {
    await work(disk);
  } finally {
    await disk.dispose();
  }
}

test.skipIf(obstacle !== undefined).concurrent.each(fileSystems)(
  `a power cut takes no credential whose secret was told, and brings none back, on %s (${cuts} cuts)`,
  { timeout: 60_000 + cuts * 10_000 },
  async (fileSystem) => {
    await onDisk(fileSystem, async (disk) => {
      const seed = seedFrom("HOLDFAST_SEED");
      const run = new ControlRun(disk, seed);
      await run.tell();
      const lost: string[] = [];
      for (let cut = 0; cut < cuts; cut += 1) {
        await run.changeUntilCut([]);
        lost.push(...(await run.lost()));
      }
      console.log(
        `${fileSystem}, seed ${seed}: ${cuts} power cuts, ${lost.length} of ${run.acknowledged} acknowledged changes of credentials lost`,
      );
      expect(lost).toEqual([]);
      expect(run.acknowledged).toBeGreaterThan(cuts);
    });
  },
);

test.skipIf(obstacle !== undefined || straceMissing !== undefined).concurrent.each(fileSystems)(
  "sabotage: without syncs a power cut takes acknowledged credentials on %s",
  { timeout: 60_000 + sabotagedCuts * 20_000 },
  async (fileSystem) => {
    await onDisk(fileSystem, async (disk) => {
      const seed = seedFrom("HOLDFAST_SEED");
      const run = new ControlRun(disk, seed);
      await run.tell();
      let losing = 0;
      for (let cut = 0; cut < sabotagedCuts; cut += 1) {
        await run.changeUntilCut(withoutSync);
        if ((await run.lost()).length > 0) losing += 1;
      }
      console.log(
        `${fileSystem}, seed ${seed}, without syncs: lost in ${losing} of ${sabotagedCuts} cuts`,
      );
      expect(losing).toBeGreaterThan(0);
    });
  },
);
