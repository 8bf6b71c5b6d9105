import { channel, type Channel } from "node:diagnostics_channel";
import { summariseCauses } from "../errors/cause-summary.ts";
import type { BreakerEvent } from "../resilience/breaker-rules.ts";
import { tell } from "../resilience/tell.ts";
import type { S3Event } from "./event.ts";

/**
 * Told of what the client does, at once and in order; what it returns is ignored. The first failure of a hook is a
 * warning of the process, and none of them changes an operation.
 */
export type EventHook = (event: S3Event) => unknown;

const types = ["request", "attempt", "retry", "response", "error", "breaker", "progress"] as const;

let operations = 0;

/**
 * Where the client tells of its work: a hook, and the channel `holdfast:client:<type>` of `node:diagnostics_channel` for
 * each type of event. Ask `active` first: an event that nobody gets need not be made.
 */
export class Events {
  readonly #hook: EventHook | undefined;
  readonly #channels: ReadonlyMap<S3Event["type"], Channel>;
  readonly #all: readonly Channel[];

  constructor(hook?: EventHook) {
    this.#hook = hook;
    this.#channels = new Map(types.map((type) => [type, channel(`holdfast:client:${type}`)]));
    this.#all = [...this.#channels.values()];
  }

  /** Whether anybody listens now, to whatever type. */
  get active(): boolean {
    return this.#hook !== undefined || this.#all.some(hasSubscribers);
  }

  /** Names an operation; no other of this process has the same. */
  nextId(): number {
    operations += 1;
    return operations;
  }

  /** Tells whoever listens. Never throws. */
  emit(event: S3Event): void {
    const told = withoutQuery(event);
    const subscribed = this.#channels.get(told.type);
    if (subscribed?.hasSubscribers === true) subscribed.publish(told);
    tell(this.#hook, told);
  }

  /** The hook for a circuit breaker. */
  readonly onBreaker = ({ type, name, retryAfter, cause }: BreakerEvent): void => {
    if (!this.active) return;
    const causes = summariseCauses(cause);
    this.emit({ type: "breaker", change: type, name, retryAfter, causes });
  };
}

function hasSubscribers({ hasSubscribers: has }: Channel): boolean {
  return has;
}

/** Whoever emits hands on the target that it sends, and that may be presigned. */
function withoutQuery(event: S3Event): S3Event {
  if (event.type !== "attempt") return event;
  const query = event.path.indexOf("?");
  return query === -1 ? event : { ...event, path: event.path.slice(0, query) };
}
