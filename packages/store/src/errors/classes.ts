import { RemoteStoreError, type StoreErrorFields } from "./remote-store-error.ts";

// Flat beneath the root (ERR-008). Each declares its own name: to the compiler, which compares shapes, they would
// otherwise all be one class.

/**
 * Neither a file nor a folder is at the path; or the bucket or directory of the store itself is missing.
 *
 * Typical cause: a wrong path, another who deleted or moved it first, a store on a bucket that was never made.
 *
 * What to do: take it as an answer, or create what is missing. `ping` tells whether it is the store's own container.
 */
export class NotFound extends RemoteStoreError {
  declare name: "NotFound";
  static {
    this.prototype.name = "NotFound";
  }
}

/**
 * Something is at the target, and overwriting it was not asked for.
 *
 * Typical cause: a second run of the same work, or two who create the same file: one of them gets this.
 *
 * What to do: choose another path, or say `overwrite: true`.
 */
export class AlreadyExists extends RemoteStoreError {
  declare name: "AlreadyExists";
  static {
    this.prototype.name = "AlreadyExists";
  }
}

/**
 * The backend knows the caller and refuses, or does not accept its credentials.
 *
 * Typical cause: a policy without the action, a file of another user, keys that are wrong, expired or of another
 * account.
 *
 * What to do: ask whoever grants permissions, or correct the credentials; the `code` says which. Trying again fails
 * again.
 */
export class PermissionDenied extends RemoteStoreError {
  declare name: "PermissionDenied";
  static {
    this.prototype.name = "PermissionDenied";
  }
}

/**
 * The path is malformed, unsafe or out of scope; or it is well-formed and names the other kind of thing, a folder
 * where a file is needed or a file where a folder is.
 *
 * Typical cause: a `..` or a NUL from user input, a read of a folder, a write under a file, a name that is too long,
 * a symbolic link below a local root.
 *
 * What to do: correct the path. Trying again fails again.
 */
export class InvalidPath extends RemoteStoreError {
  declare name: "InvalidPath";
  static {
    this.prototype.name = "InvalidPath";
  }
}

/** What a capability error carries. */
export interface CapabilityErrorFields extends StoreErrorFields {
  readonly capability: string;
}

/**
 * The backend cannot do this. Nothing was sent, unless the backend itself was the one to say so.
 *
 * Typical cause: a condition or metadata on a backend that keeps none, `atomic: "require"` where an operation takes
 * two steps.
 *
 * What to do: ask `supports` first, or do without.
 */
export class CapabilityNotSupported extends RemoteStoreError {
  declare name: "CapabilityNotSupported";
  static {
    this.prototype.name = "CapabilityNotSupported";
  }

  /** The capability that is missing. */
  readonly capability: string;

  constructor(message: string, fields: CapabilityErrorFields) {
    super(message, fields);
    this.capability = fields.capability;
  }
}

/**
 * The backend cannot be reached, does not answer in time, or fails.
 *
 * Typical cause: a broken network, a wrong endpoint, a service that restarts, a failing disk.
 *
 * What to do: try again later where `retryable` says so. Where a write is `ambiguous`, look first whether it
 * happened.
 */
export class BackendUnavailable extends RemoteStoreError {
  declare name: "BackendUnavailable";
  static {
    this.prototype.name = "BackendUnavailable";
  }
}

/**
 * The folder has something in it, and deleting that too was not asked for.
 *
 * Typical cause: `deleteFolder` without `recursive`, or a file that another wrote meanwhile.
 *
 * What to do: say `recursive: true`, or empty it first.
 */
export class DirectoryNotEmpty extends RemoteStoreError {
  declare name: "DirectoryNotEmpty";
  static {
    this.prototype.name = "DirectoryNotEmpty";
  }
}

/** What a lock error carries. */
export interface LockErrorFields extends StoreErrorFields {
  readonly lockOwner?: string | undefined;
}

/**
 * The file is there, and another session or process holds it.
 *
 * Typical cause: a lease or a lock of another client, a file that is open elsewhere on a system that locks such.
 *
 * What to do: wait as long as you see fit: it is not `retryable`, for nobody knows when the lock ends.
 */
export class ResourceLocked extends RemoteStoreError {
  declare name: "ResourceLocked";
  static {
    this.prototype.name = "ResourceLocked";
  }

  /** Who holds it, where the backend says so. */
  readonly lockOwner: string | undefined;

  constructor(message: string, fields: LockErrorFields = {}) {
    super(message, fields);
    this.lockOwner = fields.lockOwner;
  }
}
