interface OfCall {
  /** The same for both events of one call; another for each of the process. */
  readonly id: number;
  /** The name of the method. */
  readonly operation: string;
  /** The name of the driver. */
  readonly backend: string;
  /** As the caller wrote it; a pattern of `glob`. */
  readonly path: string;
  /** The other path of a copy or a move. */
  readonly to?: string | undefined;
}

interface Ended extends OfCall {
  /** Since it began, in milliseconds. Of a stream or a listing until it ended. */
  readonly durationMs: number;
  /** Read, or written, as far as the store says so. */
  readonly bytes?: number | undefined;
  /** Given by a listing. */
  readonly entries?: number | undefined;
}

/** A call begins. One `end` or `error` follows. */
export interface StoreStartEvent extends OfCall {
  readonly type: "start";
}

/** A call came to its end, or its caller wanted no more of it. */
export interface StoreEndEvent extends Ended {
  readonly type: "end";
}

/** A call failed with the error that its caller gets. */
export interface StoreErrorEvent extends Ended {
  readonly type: "error";
  readonly error: unknown;
  /** The name of the error's class. */
  readonly errorCode: string;
}

/** What an observed store tells of its calls. Holds no content and no credential; a path may be personal data. */
export type StoreEvent = StoreEndEvent | StoreErrorEvent | StoreStartEvent;
