import { RemoteStoreError } from "./remote-store-error.ts";

// Beside the specified types, flat as they are: each is what one of those would have hidden.

/**
 * The file is not the one that `ifMatch` names. Apart from `AlreadyExists`, because its caller reads anew and decides
 * again instead of choosing another path.
 *
 * Typical cause: another wrote the file since its etag was read.
 *
 * What to do: read the file again, and decide again on what it is now.
 *
 * In the original model: `RemoteStoreError`.
 */
export class PreconditionFailed extends RemoteStoreError {
  declare name: "PreconditionFailed";
  static {
    this.prototype.name = "PreconditionFailed";
  }
}

/**
 * Bytes are not what their checksum says. Apart from `BackendUnavailable`, because the bytes must not be used.
 *
 * Typical cause: a proxy that changes bodies, failing memory or a failing disk on the way.
 *
 * What to do: throw away what was read and read again; if it stays, the stored file is damaged.
 *
 * In the original model: `RemoteStoreError`.
 */
export class IntegrityError extends RemoteStoreError {
  declare name: "IntegrityError";
  static {
    this.prototype.name = "IntegrityError";
  }
}

/**
 * The backend asks for fewer requests. Apart from `BackendUnavailable`, because it works and its caller slows down.
 *
 * Typical cause: too many requests at once, to S3 on one prefix.
 *
 * What to do: wait for `retryAfter`, or longer each time, and do less at once.
 *
 * In the original model: `BackendUnavailable`.
 */
export class Throttled extends RemoteStoreError {
  declare name: "Throttled";
  static {
    this.prototype.name = "Throttled";
  }
}

/**
 * There is no room left. Apart from `BackendUnavailable`, because waiting does not help.
 *
 * Typical cause: a full disk, a quota of the user or the bucket.
 *
 * What to do: make room, or ask for more. Trying again fails again.
 *
 * In the original model: `BackendUnavailable`.
 */
export class QuotaExceeded extends RemoteStoreError {
  declare name: "QuotaExceeded";
  static {
    this.prototype.name = "QuotaExceeded";
  }
}

/**
 * The caller's signal ended the operation; the signal's reason is the `cause`.
 *
 * Typical cause: a timeout of the caller's, a user who went away.
 *
 * What to do: as you meant by aborting. After a write `ambiguous` says whether it may have happened.
 *
 * In the original model: none; it had no cancellation.
 */
export class Aborted extends RemoteStoreError {
  declare name: "Aborted";
  static {
    this.prototype.name = "Aborted";
  }
}

/**
 * The source of what was to be written failed; its own error is the `cause`. The backend is not to blame, and nothing
 * was stored.
 *
 * Typical cause: a stream that breaks off, a file that could not be read, a source that was read before.
 *
 * What to do: see to the source; a stream has to be made anew before the write is tried again.
 *
 * In the original model: whatever class the source's error looked like.
 */
export class SourceFailed extends RemoteStoreError {
  declare name: "SourceFailed";
  static {
    this.prototype.name = "SourceFailed";
  }
}

/**
 * The file was replaced while it was read. What was read until then is a beginning of the old one.
 *
 * Typical cause: another writes the file while a long read goes on, and the connection broke or the file was read in
 * ranges.
 *
 * What to do: read the file anew from its beginning.
 *
 * In the original model: `BackendUnavailable`.
 */
export class ModifiedDuringRead extends RemoteStoreError {
  declare name: "ModifiedDuringRead";
  static {
    this.prototype.name = "ModifiedDuringRead";
  }
}

/**
 * The store, or the file that it had opened, was closed. Apart from `BackendUnavailable`, because it is the caller's
 * own doing and lasts.
 *
 * Typical cause: a call that outlives the `await using` of its store, a registry that was closed.
 *
 * What to do: close later, or make a new store.
 *
 * In the original model: `BackendUnavailable`.
 */
export class Closed extends RemoteStoreError {
  declare name: "Closed";
  static {
    this.prototype.name = "Closed";
  }
}
