/** The time of day, in milliseconds since 1970, UTC. It may jump either way. */
export interface Clock {
  now(): number;
  /** Milliseconds that never run backwards nor jump; the process's own when it is absent. */
  elapsed?(): number;
}

/** Bytes that cannot be guessed. */
export type Random = (bytes: number) => Buffer;
