import { blobKey, garbageKey, type KeyRange, type PayloadId } from "../index/keys.ts";
import type { Change, Entry } from "../index/ordered-store.ts";
import { decodeNumber, encodeRecord } from "../index/records.ts";
import { seal, unseal } from "../index/sealed-value.ts";
import type { View } from "../index/view.ts";

const none: Buffer = Buffer.alloc(0);

/** Changes on top of what is there: seen by its own reads at once, by no one else until absorbed. */
export class Transaction implements View {
  readonly #below: View;
  readonly #sequence: number;
  #ordinal: number;
  #bytes = 0;
  readonly #changes = new Map<string, Change>();
  /** Blobs that a record names now and none did before: their directories have to be durable first. */
  readonly adopted: number[] = [];
  /** Blobs that no record names any more. */
  readonly freed: number[] = [];

  constructor(below: View, sequence: number, ordinal = 0) {
    this.#below = below;
    this.#sequence = sequence;
    this.#ordinal = ordinal;
  }

  get changes(): readonly Change[] {
    return [...this.#changes.values()];
  }

  /** The same by the latin-1 form of their keys. */
  get byName(): ReadonlyMap<string, Change> {
    return this.#changes;
  }

  get empty(): boolean {
    return this.#changes.size === 0;
  }

  /** About what the changes will take in the log. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A transaction on top of this one, which `absorb` makes part of it. */
  nested(): Transaction {
    return new Transaction(this, this.#sequence, this.#ordinal);
  }

  absorb(nested: Transaction): void {
    for (const [name, change] of nested.#changes) this.#set(name, change);
    this.#ordinal = nested.#ordinal;
    this.adopted.push(...nested.adopted);
    this.freed.push(...nested.freed);
  }

  get(key: Buffer): Buffer | undefined {
    if (this.#changes.size === 0) return this.#below.get(key);
    const change = this.#changes.get(key.toString("latin1"));
    if (change === undefined) return this.#below.get(key);
    return change.value === undefined ? undefined : unseal(key, change.value);
  }

  put(key: Buffer, value: Buffer): void {
    this.#set(key.toString("latin1"), { key, value: seal(key, value) });
  }

  delete(key: Buffer): void {
    this.#set(key.toString("latin1"), { key, value: undefined });
  }

  async *range(range: KeyRange): AsyncGenerator<Entry> {
    const own = this.#changesIn(range);
    let next = 0;
    for await (const entry of this.#below.range(range)) {
      for (; next < own.length; next += 1) {
        const change = own[next];
        if (change === undefined || Buffer.compare(change.key, entry[0]) >= 0) break;
        if (change.value !== undefined) yield [change.key, unseal(change.key, change.value)];
      }
      if (!this.#changes.has(entry[0].toString("latin1"))) yield entry;
    }
    for (const { key, value } of own.slice(next)) {
      if (value !== undefined) yield [key, unseal(key, value)];
    }
  }

  /** A payload's name that no other payload had or will have. */
  nextPayload(): PayloadId {
    this.#ordinal += 1;
    return [this.#sequence, this.#ordinal];
  }

  /** One more record names the blob. */
  reference(blob: number): void {
    const key = blobKey(blob);
    const counted = this.get(key);
    if (counted === undefined) this.adopted.push(blob);
    this.put(key, encodeRecord(counted === undefined ? 1 : decodeNumber(counted) + 1));
  }

  /** One record fewer names the blob; with the last, the blob becomes garbage. */
  release(blob: number): void {
    const key = blobKey(blob);
    const counted = this.get(key);
    const count = counted === undefined ? 0 : decodeNumber(counted);
    if (count > 1) {
      this.put(key, encodeRecord(count - 1));
      return;
    }
    this.delete(key);
    this.put(garbageKey(blob), none);
    this.freed.push(blob);
  }

  #set(name: string, change: Change): void {
    this.#changes.set(name, change);
    this.#bytes += change.key.length + (change.value?.length ?? 0);
  }

  #changesIn({ start, end }: KeyRange): readonly Change[] {
    return [...this.#changes.values()]
      .filter(({ key }) => Buffer.compare(key, start) >= 0 && Buffer.compare(key, end) < 0)
      .toSorted((a, b) => Buffer.compare(a.key, b.key));
  }
}
