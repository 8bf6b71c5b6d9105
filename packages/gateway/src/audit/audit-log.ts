import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { KeyDeletion } from "../context.ts";
import type { RequestRecord } from "../options.ts";
import type { AuditEvent, AuditKind } from "./audit-event.ts";
import { exportAudit, type ExportFormat } from "./audit-export.ts";
import { queryAudit, type AuditFilter, type AuditPage, type AuditQuery } from "./audit-query.ts";
import { AuditQueue, noneOfEach, type Batch } from "./audit-queue.ts";
import { eventOfDeletion, eventOfRequest } from "./event-of-request.ts";
import { idOf } from "./place.ts";
import { bytesKept, retain, type AuditRetention } from "./retention.ts";
import { SegmentWriter } from "./segment-writer.ts";

export interface AuditOptions {
  /** Made when it is not there. Several processes may share it. */
  readonly directory: string;
  /** Whether successful reads are events, too; false unless told. */
  readonly reads?: boolean | undefined;
  /** How long an event may wait for others before they are written together; 250 unless told. */
  readonly windowMs?: number | undefined;
  /** What may wait in memory while the disk is slow; 16 MiB unless told. */
  readonly queueBytesMax?: number | undefined;
  /** Of a file; 8 MiB, or an 8th of what is kept, unless told. */
  readonly segmentBytesMax?: number | undefined;
  readonly retention?: AuditRetention | undefined;
  /** Milliseconds since 1970. */
  readonly now?: (() => number) | undefined;
}

/** What the audit says of itself. */
export interface AuditState {
  readonly written: ReadonlyMap<AuditKind, number>;
  readonly dropped: ReadonlyMap<AuditKind, number>;
  /** Events that are not yet on stable storage. */
  readonly waiting: number;
  readonly bytes: number;
  readonly writeFailures: number;
  /** Whether the last batch reached the disk. */
  readonly writable: boolean;
}

/** A durable record of what happened. */
export interface Audit {
  /** Never throws and never waits. */
  record(event: AuditEvent): void;
  /** The same of a finished request, when it is one that is kept; a deletion of many has an event for each of its keys, too. */
  request(record: RequestRecord, deletions?: readonly KeyDeletion[]): void;
  /** Resolves once all that was recorded before is on stable storage; rejects when the disk does not take it now. */
  recorded(): Promise<void>;
  query(query: AuditQuery): Promise<AuditPage>;
  export(filter: AuditFilter, format: ExportFormat): AsyncIterable<string>;
  state(): AuditState;
  /** Writes what waits. Rejects when the disk does not take it. */
  close(): Promise<void>;
}

const windowMsUsually = 250;
const queueBytesMaxUsually = 16 * 2 ** 20;
const segmentBytesMaxUsually = 8 * 2 ** 20;
const segmentAgeMsMax = 86_400_000;
const retentionEveryMs = 60_000;
const retryMs = 1000;

/** Opens the audit. Rejects with Node's error when its directory cannot be made or listed. */
export async function openAudit(options: AuditOptions): Promise<Audit> {
  const { directory, now = Date.now } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const bytesMax = await bytesKept(directory, options.retention ?? {});
  const retention = { ...options.retention, bytesMax };
  const process = randomBytes(4).toString("hex");
  const bytes = await retain(directory, retention, { now: now(), process, current: undefined });
  return new AuditLog(options, { process, bytes, retention });
}

interface Opened {
  readonly process: string;
  /** Of all segments that are there. */
  readonly bytes: number;
  readonly retention: AuditRetention & { readonly bytesMax: number };
}

class AuditLog implements Audit {
  readonly #options: AuditOptions;
  readonly #retention: Opened["retention"];
  readonly #process: string;
  readonly #queue: AuditQueue;
  readonly #writer: SegmentWriter;
  readonly #written = noneOfEach();
  readonly #dropped = noneOfEach();
  readonly #upkeep: NodeJS.Timeout;
  #serial = 0;
  /** Every event with a lower serial is on stable storage, or was dropped. */
  #settled = 0;
  #lastTime = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Taken out of the queue, and not yet on the disk. */
  #batch: (Batch & { readonly serial: number }) | undefined;
  #flushing: Promise<void> | undefined;
  #bytes: number;
  #writeFailures = 0;
  #isWritable = true;
  #isClosed = false;

  constructor(options: AuditOptions, { process, bytes, retention }: Opened) {
    const { directory, queueBytesMax = queueBytesMaxUsually } = options;
    this.#options = options;
    this.#retention = retention;
    this.#process = process;
    this.#bytes = bytes;
    this.#queue = new AuditQueue(queueBytesMax);
    this.#writer = new SegmentWriter({
      directory,
      process,
      bytesMax: options.segmentBytesMax ?? Math.min(segmentBytesMaxUsually, retention.bytesMax / 8),
      ageMsMax: segmentAgeMsMax,
    });
    this.#upkeep = setInterval(() => void this.#retain(), retentionEveryMs).unref();
  }

  record(event: AuditEvent): void {
    const time = this.#time();
    if (this.#isClosed || !this.#queue.add(event, this.#lineOf(event, time), time)) {
      this.#dropped.set(event.kind, (this.#dropped.get(event.kind) ?? 0) + 1);
      return;
    }
    this.#schedule(this.#options.windowMs ?? windowMsUsually);
  }

  request(record: RequestRecord, deletions: readonly KeyDeletion[] = []): void {
    const event = eventOfRequest(record, { reads: this.#options.reads === true });
    if (event === undefined) return;
    const { length: keys } = deletions;
    this.record(keys === 0 ? event : { ...event, detail: { keys } });
    for (const deletion of deletions) this.record(eventOfDeletion(record, deletion));
  }

  async recorded(): Promise<void> {
    const serial = this.#serial;
    // One that is under way may have begun before the event was there.
    while (this.#settled < serial) await this.#flush();
  }

  query(query: AuditQuery): Promise<AuditPage> {
    return queryAudit(this.#options.directory, query);
  }

  export(filter: AuditFilter, format: ExportFormat): AsyncIterable<string> {
    return exportAudit(this.#options.directory, filter, format);
  }

  state(): AuditState {
    return {
      written: this.#written,
      dropped: this.#dropped,
      waiting: this.#queue.length + countOf(this.#batch),
      bytes: this.#bytes,
      writeFailures: this.#writeFailures,
      writable: this.#isWritable,
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#upkeep);
    try {
      await this.recorded();
    } finally {
      clearTimeout(this.#timer);
      await this.#writer.close();
    }
  }

  /** A clock that is set back does not put a row before one that was written. */
  #time(): number {
    const { now = Date.now } = this.#options;
    this.#lastTime = Math.max(this.#lastTime, now());
    return this.#lastTime;
  }

  #lineOf(event: AuditEvent, time: number): string {
    const id = idOf({ process: this.#process, serial: this.#serial });
    this.#serial += 1;
    return `${JSON.stringify({ id, time, ...event })}\n`;
  }

  #schedule(delayMs: number): void {
    if (this.#timer !== undefined || this.#flushing !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // It is tried again, and the state says that it failed.
      this.#flush().catch(() => {});
    }, delayMs);
  }

  /** Writes all that waits now; calls that come meanwhile share what is under way. */
  #flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = undefined;
      if (this.#batch !== undefined) this.#schedule(retryMs);
      else if (this.#queue.length > 0) this.#schedule(this.#options.windowMs ?? windowMsUsually);
    });
    return this.#flushing;
  }

  async #write(): Promise<void> {
    if (this.#batch === undefined) {
      this.#tellDropped();
      this.#batch = { ...this.#queue.take(), serial: this.#serial };
    }
    const batch = this.#batch;
    try {
      if (batch.text !== "") await this.#writer.append(batch.text, batch.time);
    } catch (cause) {
      this.#writeFailures += 1;
      this.#isWritable = false;
      throw cause;
    }
    this.#batch = undefined;
    this.#settled = batch.serial;
    this.#isWritable = true;
    this.#bytes += batch.bytes;
    if (this.#bytes > this.#retention.bytesMax) await this.#retain();
    for (const [kind, count] of batch.counts) {
      this.#written.set(kind, (this.#written.get(kind) ?? 0) + count);
    }
  }

  /** What the audit lacks stands in the audit. */
  #tellDropped(): void {
    const dropped = this.#queue.takeDropped();
    if (dropped === undefined) return;
    const { counts, from, to } = dropped;
    const event: AuditEvent = {
      kind: "dropped",
      operation: "audit.drop",
      detail: { ...Object.fromEntries(counts), from, to },
    };
    const time = this.#time();
    this.#queue.add(event, this.#lineOf(event, time), time);
  }

  async #retain(): Promise<void> {
    const { directory, now = Date.now } = this.#options;
    const moment = { now: now(), process: this.#process, current: this.#writer.path };
    // A directory that cannot be listed now may be the next time.
    const bytes = await retain(directory, this.#retention, moment).catch(() => {});
    if (bytes !== undefined) this.#bytes = bytes;
  }
}

function countOf(batch: Batch | undefined): number {
  let count = 0;
  for (const one of batch?.counts.values() ?? []) count += one;
  return count;
}
