import { UploadLog } from "./upload-log.ts";
import type { WrittenObject } from "./written-object.ts";

/** What a key may hold: one of the writes, or nothing. */
export type KeyState = WrittenObject | "absent";

interface KeyLog {
  /** The state that the last acknowledgement, or the last look after a crash, established. */
  settled: KeyState;
  /** What was asked for since, and never answered. */
  readonly unanswered: Set<KeyState>;
}

/** The client's own log: what it asked for on each key, and what was acknowledged. */
export class WriteLog {
  readonly #keys = new Map<string, KeyLog>();
  /** The uploads that were begun, and what was acknowledged of them. */
  readonly uploads = new UploadLog();
  /** Acknowledged writes and deletes. */
  acknowledged = 0;

  keys(): string[] {
    return [...this.#keys.keys()];
  }

  settled(key: string): KeyState {
    return this.#of(key).settled;
  }

  /** Every state that the key may be in: the settled one, or any that was asked for and not answered. */
  allowed(key: string): readonly KeyState[] {
    const { settled, unanswered } = this.#of(key);
    return [settled, ...unanswered];
  }

  asked(key: string, state: KeyState): void {
    this.#of(key).unanswered.add(state);
  }

  /** The server said that it is so; it answered the only request on this key. */
  answered(key: string, state: KeyState): void {
    const log = this.#of(key);
    log.unanswered.delete(state);
    log.settled = state;
    this.acknowledged++;
  }

  /** The server said that it did not happen. */
  refused(key: string, state: KeyState): void {
    this.#of(key).unanswered.delete(state);
  }

  /** After a crash nothing is under way any more: what is seen now is what stays. */
  observed(key: string, state: KeyState): void {
    const log = this.#of(key);
    log.unanswered.clear();
    log.settled = state;
  }

  /** Drops every key that is known to hold nothing: one that came back counts as never written. */
  forgetAbsent(): void {
    for (const [key, { settled, unanswered }] of this.#keys) {
      if (settled === "absent" && unanswered.size === 0) this.#keys.delete(key);
    }
  }

  #of(key: string): KeyLog {
    let log = this.#keys.get(key);
    if (log === undefined) {
      log = { settled: "absent", unanswered: new Set() };
      this.#keys.set(key, log);
    }
    return log;
  }
}
