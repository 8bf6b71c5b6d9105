import { s3Error } from "@holdfast/protocol";
import { blobPath } from "../blobs/blob-path.ts";
import type { EngineParts } from "../engine-parts.ts";
import type { Pace } from "../disk/pace.ts";
import { isDamage } from "../index/is-damage.ts";
import {
  blobOf,
  bucketKey,
  everyKey,
  nameAt,
  payloadKey,
  payloadRange,
  tableOf,
} from "../index/keys.ts";
import type { Cursor, OrderedStore } from "../index/ordered-store.ts";
import {
  decodeNumber,
  decodeObject,
  decodePart,
  decodeSegments,
  type ObjectRecord,
} from "../index/records.ts";
import { unseal } from "../index/sealed-value.ts";
import { openSnapshot, type Snapshot } from "../commit/snapshot.ts";
import { BlobCounts } from "./blob-counts.ts";
import { recordName } from "./record-name.ts";
import type { Tally } from "./tally.ts";

/** Few enough not to keep requests waiting. */
const entriesAtOnce = 64;

/** What a record counts for at least against the rate: it costs the thread what so many bytes cost the disk. */
const recordCostBytes = 4096;

interface CheckRecords {
  readonly parts: EngineParts;
  readonly pace: Pace;
  readonly tally: Tally;
}

/**
 * Reads every record, in order, against its seal, and holds those that name each other against each
 * other: a record that vanished whole leaves what it named, or what named it.
 */
export async function checkRecords({ parts, pace, tally }: CheckRecords): Promise<void> {
  const snapshot = await openSnapshot(parts, () => walks(parts));
  try {
    const check = new RecordCheck(parts.store, snapshot.payloads, tally);
    for (;;) {
      // An index that has to be opened anew waits for all walks to end, and writes wait for it.
      if (parts.store.reopening !== undefined) throw reopening();
      const entries = await snapshot.records.next(entriesAtOnce);
      if (entries.length === 0) break;
      let bytes = 0;
      for (const [key, sealed] of entries) {
        bytes += key.length + sealed.length;
        await check.record(key, sealed);
      }
      tally.records += entries.length;
      tally.bytes += bytes;
      await pace.spend(Math.max(bytes, entries.length * recordCostBytes));
    }
    check.finish();
  } finally {
    await snapshot.close();
  }
}

function reopening(): Error {
  return s3Error("ServiceUnavailable", undefined, { reason: "index_reopening" });
}

/** Two walks over one moment of the index. */
function walks({
  store,
}: EngineParts): Snapshot & { readonly records: Cursor; readonly payloads: Cursor } {
  const records = store.range(everyKey.start, everyKey.end);
  const payloads = store.range(payloadRange.start, payloadRange.end);
  return {
    records,
    payloads,
    async close() {
      await records.close();
      await payloads.close();
    },
  };
}

class RecordCheck {
  readonly #store: OrderedStore;
  readonly #payloads: Cursor;
  readonly #tally: Tally;
  readonly #buckets = new Set<string>();
  readonly #blobs = new BlobCounts();
  #unnamedPayloads = 0;
  #before: Buffer = Buffer.alloc(0);

  constructor(store: OrderedStore, payloads: Cursor, tally: Tally) {
    this.#store = store;
    this.#payloads = payloads;
    this.#tally = tally;
  }

  async record(key: Buffer, sealed: Buffer): Promise<void> {
    try {
      if (Buffer.compare(this.#before, key) >= 0) throw new RangeError("out of order");
      await this.#hold(key, unseal(key, sealed));
    } catch (cause) {
      // A walk that has to give way must not be taken for rot, which would end writing.
      if (!isDamage(cause)) throw cause;
      this.#tally.add({ kind: "damaged-record", record: recordName(key) });
    }
    this.#before = key;
  }

  finish(): void {
    for (const [blob, difference] of this.#blobs.uneven()) {
      this.#tally.add({ kind: "wrong-count", file: blobPath("blobs", blob), difference });
    }
    if (this.#unnamedPayloads > 0) {
      this.#tally.add({ kind: "unnamed-records", count: this.#unnamedPayloads });
    }
  }

  async #hold(key: Buffer, value: Buffer): Promise<void> {
    const table = tableOf(key);
    switch (table) {
      case "bucket":
        this.#buckets.add(nameAt(key, 1).name);
        return;
      case "blob":
        this.#blobs.add(blobOf(key), -decodeNumber(value));
        return;
      case "payload":
        this.#unnamedPayloads += 1;
        return;
      case "object":
        await this.#holdObject(key, decodeObject(value));
        return;
      case "part":
        this.#blobs.add(decodePart(value).blob, 1);
        return;
      case "garbage":
      case "meta":
      case "upload":
        return;
      case undefined:
        throw new RangeError("of no table");
    }
  }

  async #holdObject(key: Buffer, { body, size }: ObjectRecord): Promise<void> {
    const bucket = nameAt(key, 1).name;
    if (!this.#buckets.has(bucket)) this.#missing(bucketKey(bucket), key);
    if (body.in === "nothing") return;
    if (body.in === "blob") {
      this.#blobs.add(body.blob, 1);
      return;
    }
    const name = payloadKey(body.payload);
    const sealed = await this.#payload(name);
    if (sealed === undefined) {
      this.#missing(name, key);
      return;
    }
    this.#unnamedPayloads -= 1;
    const payload = unseal(name, sealed);
    if (body.in === "parts") {
      for (const { blob } of decodeSegments(payload)) this.#blobs.add(blob, 1);
    } else if (payload.length !== size) {
      throw new RangeError("of another length");
    }
  }

  /** A payload's name is never used again, so that one that is there now is the one of this moment. */
  async #payload(name: Buffer): Promise<Buffer | undefined> {
    const now = this.#store.get(name);
    if (now !== undefined) return now;
    this.#payloads.seek(name);
    const [entry] = await this.#payloads.next(1);
    return entry?.[0].equals(name) ? entry[1] : undefined;
  }

  #missing(record: Buffer, namedBy: Buffer): void {
    this.#tally.add({
      kind: "missing-record",
      record: recordName(record),
      namedBy: recordName(namedBy),
    });
  }
}
