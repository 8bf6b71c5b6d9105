import { S3Error, type ErrorCode } from "@holdfast/protocol";
import { errnoOf } from "../disk/disk-error.ts";
import { EngineOpenError } from "../engine-open-error.ts";
import type { MemoryImage } from "../index/memory-store.ts";
import type { OpenEngine } from "../open-engine.ts";
import { common, sharedBucket, type Beliefs } from "./beliefs.ts";
import { blobAccounts, garbageOf } from "./blob-accounts.ts";
import { copyOf, type DirectoryNode } from "./disk-image.ts";
import { look } from "./look.ts";
import { quiet } from "./quiet.ts";
import { changedFiles } from "./sabotage.ts";
import { seeded } from "./seeded.ts";
import { SimDisk, type DiskCall } from "./sim-disk.ts";
import { missingBlobs, openSimulated, orphans, type Machine } from "./simulated-engine.ts";
import { Violation, Writer } from "./writer.ts";

/** Each failure that the disk may have, and what a caller is told of it while the engine still writes. */
const codeOfErrno = {
  EACCES: "InternalError",
  EIO: "InternalError",
  EMFILE: "ServiceUnavailable",
  ENOSPC: "InsufficientStorage",
  EROFS: "ServiceUnavailable",
} as const satisfies Record<string, ErrorCode>;

export interface Fault {
  readonly errno: keyof typeof codeOfErrno | "short write";
  /** The number of the call that fails; 0 for none. */
  readonly at: number;
  /** Whether those after it fail too, until an operation was refused. */
  readonly lasting: boolean;
  /** How much of what was not synced a power cut leaves at the end: 0 or 1. */
  readonly kept: number;
}

/** A machine whose power is off, and what was answered before that. */
export interface FaultStart {
  readonly disk: DirectoryNode;
  readonly image: MemoryImage;
  readonly beliefs: Beliefs;
  /** What is done once it is open. */
  readonly steps: number;
}

export interface FaultOutcome {
  /** How many of the calls were made to open the directory. */
  readonly callsOfOpen: number;
  /** The kinds of the calls that were made before the power went, in their order. */
  readonly calls: readonly DiskCall["kind"][];
  /** Operations that were refused, opening among them. */
  readonly refused: number;
  /** What was found that must not be, in words. */
  readonly violations: readonly string[];
}

/** Calls whose failure leaves it open what is on stable storage. */
const final: ReadonlySet<string> = new Set(["datasync", "syncDirectory", "index"]);

/** Opens, writes and closes while one call fails, cuts the power and looks what is there. */
export async function faultRun(fault: Fault, start: FaultStart): Promise<FaultOutcome> {
  const run = new FaultRun(fault, start);
  await run.run();
  return run;
}

function codeOf(errno: Fault["errno"]): ErrorCode | undefined {
  return errno === "short write" ? undefined : codeOfErrno[errno];
}

class FaultRun implements FaultOutcome {
  readonly calls: DiskCall["kind"][] = [];
  readonly violations: string[] = [];
  refused = 0;
  callsOfOpen = 0;
  readonly #fault: Fault;
  readonly #steps: number;
  readonly #disk: SimDisk;
  readonly #machine: Machine;
  readonly #beliefs: Beliefs;
  /** What failed first. */
  #failed: DiskCall | undefined;

  constructor(fault: Fault, { disk, image, beliefs, steps }: FaultStart) {
    this.#fault = fault;
    this.#steps = steps;
    this.#beliefs = beliefs.clone();
    this.#disk = new SimDisk((call) => this.#before(call), copyOf(disk));
    const between = changedFiles(/./, (file) => ({
      write: (bytes, position) => file.write(this.#offered(bytes), position),
    }));
    this.#machine = {
      disk: this.#disk,
      image: { durable: image.durable, unflushed: [...image.unflushed] },
      fs: between(this.#disk),
    };
  }

  async run(): Promise<void> {
    const engine = await this.#open();
    if (engine === undefined) return;
    this.callsOfOpen = this.calls.length;
    await this.#settle(engine);
    await this.#write(engine);
    await quiet();
    await this.#lookAtLive(engine);
    await this.#attempt(engine, () => engine.close());
    this.#expectNothing("after close", this.#disk.handles === 0 ? [] : ["files are open"]);
    // A file whose unlinking failed is for the next start.
    const mayStay = this.#fault.lasting || this.#failed?.kind === "unlink";
    if (engine.health().writable && !mayStay) {
      this.#expectNothing("after close", orphans(this.#machine));
    }
    await this.#restart();
  }

  #before(call: DiskCall): void {
    this.calls.push(call.kind);
    const { errno, at, lasting } = this.#fault;
    if (errno === "short write") return;
    const goesOn = lasting && this.#failed !== undefined && this.refused === 0;
    if (call.number !== at && !goesOn) return;
    this.#failed ??= call;
    throw Object.assign(new Error(call.kind), { code: errno });
  }

  #offered(bytes: Buffer): Buffer {
    const short = this.#fault.errno === "short write" && this.#disk.calls + 1 === this.#fault.at;
    return short ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes;
  }

  /** Opens, again if the fault was in the way. */
  async #open(): Promise<OpenEngine | undefined> {
    try {
      return await openSimulated(this.#machine);
    } catch (error) {
      this.refused += 1;
      const named = error instanceof EngineOpenError && error.code === "DISK_FAILED";
      if (!named || errnoOf(error.cause) !== this.#fault.errno) this.#report("open", error);
      this.#expectNothing("after open", this.#disk.handles === 0 ? [] : ["files are open"]);
    }
    try {
      return await openSimulated(this.#machine);
    } catch (error) {
      this.#report("open again", error);
    }
  }

  /** What became of the write that the start left unanswered. */
  async #settle(engine: OpenEngine): Promise<void> {
    const settle = async (): Promise<void> => {
      const seen = await look(engine, () => 0);
      this.#expectNothing("open", [...seen.violations, ...this.#beliefs.settle(seen)]);
    };
    if (!(await this.#attempt(engine, settle))) await this.#attempt(engine, settle);
  }

  async #write(engine: OpenEngine): Promise<void> {
    const chance = seeded(3);
    let content = 0;
    const nextContent = (): number => (content += 1);
    const writer = new Writer({ name: "0", engine, beliefs: this.#beliefs, chance, nextContent });
    const bucket = `bucket ${sharedBucket}`;
    const bucketLedger = this.#beliefs.ledger(common);
    for (let tries = 0; tries < 2 && !bucketLedger.state.has(bucket); tries += 1) {
      bucketLedger.begin(new Map([[bucket, "there"]]));
      await this.#attemptWrite(engine, async () => {
        await engine.createBucket(sharedBucket);
        bucketLedger.acknowledged();
      });
    }
    for (let step = 0; step < this.#steps && engine.health().writable; step += 1) {
      await this.#attemptWrite(engine, () => writer.step());
    }
  }

  /** Resolves with whether the operation was answered. */
  async #attempt(engine: OpenEngine, operation: () => Promise<void>): Promise<boolean> {
    const before = this.refused;
    try {
      await operation();
      return true;
    } catch (error) {
      this.refused += 1;
      const { writable } = engine.health();
      const { errno } = this.#fault;
      const codes = writable ? [codeOf(errno)] : [codeOf(errno), "ServiceUnavailable"];
      const named = S3Error.is(error) && codes.includes(error.code) && errnoOf(error) === errno;
      // One fault may refuse one operation, as long as it does not end writing.
      if (!named || (writable && before > 0)) this.#report("an operation", error);
      return false;
    }
  }

  /** A refusal says that nothing happened, unless it ended writing. */
  async #attemptWrite(engine: OpenEngine, operation: () => Promise<void>): Promise<void> {
    const answered = await this.#attempt(engine, operation);
    if (answered || !engine.health().writable) return;
    for (const name of [common, "0"]) this.#beliefs.ledger(name).refused();
  }

  /** Whatever failed, reads go on; writes do unless it is open what is on stable storage. */
  async #lookAtLive(engine: OpenEngine): Promise<void> {
    if (this.#disk.calls < this.#fault.at) return;
    const seen = await look(engine, () => 0).catch((error: unknown) => {
      this.#report("reading", error);
    });
    if (seen === undefined) return;
    this.#expectNothing("live", [...seen.violations, ...this.#beliefs.clone().settle(seen)]);
    const { writable, reason } = engine.health();
    const opened = this.#fault.at > this.callsOfOpen;
    const ended = opened && this.#failed !== undefined && final.has(this.#failed.kind);
    if (!this.#fault.lasting && writable === ended) {
      this.#expectNothing("live", [`writing ${writable ? "goes on" : "ended"}`]);
    }
    if (writable) return;
    const write = await engine.createBucket("refused").then(
      () => "answered",
      (error: unknown) => (S3Error.is(error) ? error.code : String(error)),
    );
    const refusal = reason === "disk_full" ? "InsufficientStorage" : "ServiceUnavailable";
    if (write !== refusal) this.#expectNothing("live", [`a write was ${write}`]);
  }

  async #restart(): Promise<void> {
    const { image } = this.#machine;
    const { kept } = this.#fault;
    const disk = new SimDisk(undefined, this.#disk.survivors({ chance: () => 0.5, kept }));
    const machine = {
      disk,
      image: { durable: image.durable, unflushed: kept === 1 ? [...image.unflushed] : [] },
    };
    try {
      const engine = await openSimulated(machine);
      const seen = await look(engine, () => 0);
      this.#expectNothing("after restart", [
        ...seen.violations,
        ...this.#beliefs.settle(seen),
        ...orphans(machine),
        ...(await missingBlobs(machine)),
        ...(await blobAccounts(machine.image)),
        ...(await garbageOf(machine.image)).map((blob) => `${blob} is garbage`),
      ]);
      await engine.createBucket("again");
      await engine.close();
      this.#expectNothing("after restart", disk.handles === 0 ? [] : ["files are open"]);
    } catch (error) {
      this.#report("restart", error);
    }
  }

  #report(what: string, error: unknown): void {
    const worded = S3Error.is(error) ? `${error.code} (${error.reason})` : String(error);
    this.#expectNothing(what, [error instanceof Violation ? error.message : worded]);
  }

  #expectNothing(where: string, wrong: readonly string[]): void {
    const { errno, at, lasting, kept } = this.#fault;
    const kind = this.#failed?.kind ?? "no call";
    for (const one of wrong) {
      this.violations.push(
        `${errno} at ${at} (${kind}${lasting ? ", lasting" : ""}, kept ${kept}), ${where}: ${one}`,
      );
    }
  }
}
