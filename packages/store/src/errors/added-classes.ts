import { RemoteStoreError } from "./remote-store-error.ts";

// Beside the specified types, flat as they are: each is what one of those would have hidden.

/**
 * The file is not the one that `ifMatch` names. Apart from `AlreadyExists`, because its caller reads anew and decides
 * again instead of choosing another path.
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
 * In the original model: `BackendUnavailable`.
 */
export class QuotaExceeded extends RemoteStoreError {
  declare name: "QuotaExceeded";
  static {
    this.prototype.name = "QuotaExceeded";
  }
}

/**
 * The caller's signal ended the operation; the signal's reason is the `cause`. After a write `ambiguous` says whether
 * it may have happened.
 *
 * The original model had no cancellation.
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
 * In the original model: whatever class the source's error looked like.
 */
export class SourceFailed extends RemoteStoreError {
  declare name: "SourceFailed";
  static {
    this.prototype.name = "SourceFailed";
  }
}

/**
 * The file was replaced while it was read. What was read until then is a beginning of the old one; read anew.
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
 * The store, or the file that it had opened, was closed. Apart from `BackendUnavailable`, because it is the caller's own doing and lasts.
 *
 * In the original model: `BackendUnavailable`.
 */
export class Closed extends RemoteStoreError {
  declare name: "Closed";
  static {
    this.prototype.name = "Closed";
  }
}
