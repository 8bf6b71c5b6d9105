import { auditKinds, type AuditEvent, type AuditKind } from "./audit-event.ts";

/**
 * Up to which part of the room an event is taken. What comes cheap to a stranger must not push out what a credential
 * did, and no refusal may push out a write. A change of the control plane is always taken: who made it waits for it.
 */
function shareOf({ kind, principal }: AuditEvent): number {
  if (kind === "control" || kind === "dropped") return Infinity;
  if (kind === "read") return 0.5;
  if (kind === "write") return 1;
  return principal === "credential" ? 0.85 : 0.7;
}

/** What was not kept, and from when to when. */
export interface Dropped {
  readonly counts: ReadonlyMap<AuditKind, number>;
  readonly from: number;
  readonly to: number;
}

/** Lines that wait for the disk, in order. */
export interface Batch {
  readonly text: string;
  /** Of the first of them. */
  readonly time: number;
  readonly bytes: number;
  readonly counts: ReadonlyMap<AuditKind, number>;
}

/** A bounded queue: when it fills up, what matters least is no longer taken, and counted. */
export class AuditQueue {
  readonly #bytesMax: number;
  #lines: string[] = [];
  #bytes = 0;
  #time = 0;
  #counts = new Map<AuditKind, number>();
  #dropped: { counts: Map<AuditKind, number>; from: number; to: number } | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** How many events wait. */
  get length(): number {
    return this.#lines.length;
  }

  /** False when there was no room for an event of this kind. */
  add(event: AuditEvent, line: string, time: number): boolean {
    // Of UTF-16 units: no text takes less than a byte for each, and few take more.
    if (this.#bytes + line.length > this.#bytesMax * shareOf(event)) {
      this.#drop(event.kind, time);
      return false;
    }
    if (this.#lines.length === 0) this.#time = time;
    this.#lines.push(line);
    this.#bytes += line.length;
    this.#counts.set(event.kind, (this.#counts.get(event.kind) ?? 0) + 1);
    return true;
  }

  /** Takes out all that waits. */
  take(): Batch {
    const text = this.#lines.join("");
    const batch = { text, time: this.#time, bytes: this.#bytes, counts: this.#counts };
    this.#lines = [];
    this.#bytes = 0;
    this.#counts = new Map();
    return batch;
  }

  /** What was dropped since this was last asked. */
  takeDropped(): Dropped | undefined {
    const dropped = this.#dropped;
    this.#dropped = undefined;
    return dropped;
  }

  #drop(kind: AuditKind, time: number): void {
    this.#dropped ??= { counts: new Map(), from: time, to: time };
    const { counts } = this.#dropped;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    this.#dropped.to = time;
  }
}

/** Zero of each kind. */
export function noneOfEach(): Map<AuditKind, number> {
  return new Map(auditKinds.map((kind) => [kind, 0]));
}
