import type { Fs } from "../disk/fs.ts";
import type { MemoryImage } from "../index/memory-store.ts";
import type { OrderedStore } from "../index/ordered-store.ts";
import type { Beliefs } from "./beliefs.ts";
import type { Chance, DirectoryNode } from "./disk-image.ts";
import { SimDisk, type DiskCall } from "./sim-disk.ts";
import type { Machine } from "./simulated-engine.ts";

/** A machine whose power went or whose engine was killed, and what was answered before that. */
export interface Cut {
  readonly disk: DirectoryNode;
  readonly image: MemoryImage;
  readonly beliefs: Beliefs;
  /** Power cuts that it has had. */
  readonly depth: number;
  /** Where the power went each time, in words. */
  readonly road: string;
}

/** What stands between the engine and the machine. */
export interface Defects {
  /** A defect between the engine and its disk, or none. */
  readonly between?: (disk: SimDisk) => Fs;
  /** A defect between the engine and its index, or none. */
  readonly store?: (store: OrderedStore) => OrderedStore;
  /** Sees every call to the disk, and may throw to make it fail. */
  readonly fault?: (call: DiskCall) => void;
}

/** Power cuts in a row that a machine has at most. */
const depthMax = 3;

/** Calls of a recovery among which the one is drawn at which the power goes again. */
const recoveryCalls = 48;

/** How much of what was not synced a power cut leaves, or that it is not one: all of it, for a later one to take. */
type Rate = number | typeof killed;

const killed = "killed" as const;

/** A machine from one power cut on, which takes further cuts of itself while it runs. */
export class Life {
  readonly cut: Cut;
  readonly beliefs: Beliefs;
  readonly machine: Machine & { readonly disk: SimDisk };
  /** What power cuts during this life would leave. */
  readonly cuts: Cut[] = [];
  readonly #chance: Chance;
  readonly #fault: ((call: DiskCall) => void) | undefined;
  readonly #cutAt: number;
  #changes = -1;
  #syncs = -1;
  #answers = 0;

  constructor(cut: Cut, chance: Chance, { between, store, fault }: Defects) {
    this.cut = cut;
    this.beliefs = cut.beliefs.clone();
    this.#chance = chance;
    this.#fault = fault;
    this.#cutAt = 1 + Math.floor(chance() * recoveryCalls);
    const disk = new SimDisk((call) => this.#before(call), cut.disk);
    this.machine = {
      disk,
      image: { durable: cut.image.durable, unflushed: [...cut.image.unflushed] },
      random: (bytes) => Buffer.from(Array.from({ length: bytes }, () => chance() * 256)),
      ...(between === undefined ? {} : { fs: between(disk) }),
      ...(store === undefined ? {} : { store }),
    };
  }

  /** The recovery was compared: what it showed has to stay. */
  compared(): void {
    if (this.cuts.length === 0) this.#cutNow("compared", this.#draw());
  }

  #before(call: DiskCall): void {
    const at = `${call.number} (${call.kind})`;
    if (this.cut.depth > 0) {
      if (this.cuts.length === 0 && call.number >= this.#cutAt) this.#cutNow(at, this.#draw());
    } else {
      this.#cutFirst(at);
    }
    this.#fault?.(call);
  }

  /** Cuts at every call before which something changed; loses all only when that is not as before. */
  #cutFirst(at: string): void {
    const { changes, syncs } = this.machine.disk;
    const { answers } = this.beliefs;
    if (changes === this.#changes && answers === this.#answers) return;
    const lost = syncs === this.#syncs && answers === this.#answers ? this.#chance() : 0;
    this.#changes = changes;
    this.#syncs = syncs;
    this.#answers = answers;
    for (const rate of [lost, killed, this.#chance()] satisfies Rate[]) this.#cutNow(at, rate);
  }

  #draw(): Rate {
    const rates: readonly Rate[] = [0, killed, this.#chance()];
    return rates[Math.floor(this.#chance() * rates.length)] ?? 0;
  }

  #cutNow(at: string, rate: Rate): void {
    if (this.cut.depth === depthMax) return;
    const { disk, image } = this.machine;
    const cut = { beliefs: this.beliefs.clone(), depth: this.cut.depth + 1 };
    if (rate === killed) {
      this.cuts.push({
        ...cut,
        disk: disk.copy(),
        image: { durable: image.durable, unflushed: [...image.unflushed] },
        road: `${this.cut.road}, killed at ${at}`,
      });
      return;
    }
    this.cuts.push({
      ...cut,
      disk: disk.survivors({ chance: this.#chance, kept: rate }),
      image: {
        durable: image.durable,
        unflushed: image.unflushed.filter(() => this.#chance() < rate),
      },
      road: `${this.cut.road}, cut at ${at} keeping ${rate.toFixed(2)}`,
    });
  }
}
