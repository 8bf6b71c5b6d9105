import { S3Error } from "./s3-error.ts";

// Each declares the names that it and its heirs can have: to the compiler, which compares shapes, they would otherwise
// all be one class, and what is not an S3NotFoundError could be no S3Error either.

type RefusalName =
  | "S3AccessDeniedError"
  | "S3ConflictError"
  | "S3InvalidRequestError"
  | "S3NotFoundError"
  | "S3PreconditionFailedError";

/**
 * The request is at fault, or what it names: a 4xx.
 *
 * Change the request. The classes below it say what is wrong; those without one are told apart by `errorCode`.
 */
export class S3ClientError extends S3Error {
  declare name: "S3ClientError" | RefusalName;
  static {
    this.prototype.name = "S3ClientError";
  }
}

/**
 * The bucket, key, version or upload is not there.
 *
 * Take it as an answer, or create what is missing. `errorCode` tells a missing bucket (`NoSuchBucket`) from a missing
 * key; after a HEAD it cannot, and is `NotFound`.
 */
export class S3NotFoundError extends S3ClientError {
  declare name: "S3NotFoundError";
  static {
    this.prototype.name = "S3NotFoundError";
  }
}

/**
 * The credentials are not known, not valid any more, or not allowed to do this.
 *
 * Look at the code: `AccessDenied` is for whoever grants permissions; `InvalidAccessKeyId` and `SignatureDoesNotMatch`
 * are wrong keys; for an expired token the client has already asked its provider for another.
 */
export class S3AccessDeniedError extends S3ClientError {
  declare name: "S3AccessDeniedError";
  static {
    this.prototype.name = "S3AccessDeniedError";
  }
}

/**
 * The service, or the client before it, does not accept the request as it is.
 *
 * Correct the argument that the message names. Sending it again fails again.
 */
export class S3InvalidRequestError extends S3ClientError {
  declare name: "S3InvalidRequestError";
  static {
    this.prototype.name = "S3InvalidRequestError";
  }
}

/**
 * A condition of the request does not hold: the caller's, or the one under which the client went on with a read.
 *
 * Read the object anew and decide again: somebody else wrote it, or it is already there.
 */
export class S3PreconditionFailedError extends S3ClientError {
  declare name: "S3PreconditionFailedError";
  static {
    this.prototype.name = "S3PreconditionFailedError";
  }
}

/**
 * The request is at odds with the state of the bucket or object, or with another request.
 *
 * Bring the state about that the request needs (empty the bucket, restore the object, wait for the other request), then
 * begin again.
 */
export class S3ConflictError extends S3ClientError {
  declare name: "S3ConflictError";
  static {
    this.prototype.name = "S3ConflictError";
  }
}

/**
 * The service, or something in front of it, failed: a 5xx or an answer that is not S3's.
 *
 * Try again later where `retryable` says so; the client has tried as often as it was told to. Have the `requestId` at
 * hand when you ask the operator.
 */
export class S3ServerError extends S3Error {
  declare name: "S3ServerError" | "S3ThrottledError";
  static {
    this.prototype.name = "S3ServerError";
  }
}

/**
 * The service asks for fewer requests, under a 429 or a 503.
 *
 * Send fewer at a time, and come back after `retryAfter` seconds where it is set.
 */
export class S3ThrottledError extends S3ServerError {
  declare name: "S3ThrottledError";
  static {
    this.prototype.name = "S3ThrottledError";
  }
}

/**
 * Bytes are not what their checksum says, on the way there or back.
 *
 * Do not use what was read. Try again; if it lasts, the object is damaged where it lies or something on the way changes
 * bytes.
 */
export class S3IntegrityError extends S3Error {
  declare name: "S3IntegrityError";
  static {
    this.prototype.name = "S3IntegrityError";
  }
}

/**
 * No whole answer arrived: name resolution, connection, certificate, reset. `phase` says where.
 *
 * Look at `errorCode` (`ENOTFOUND` is the endpoint's name, `ECONNREFUSED` its port) and at `ambiguous`: a write may have
 * been carried out although no answer says so.
 */
export class S3TransportError extends S3Error {
  declare name: "S3TimeoutError" | "S3TransportError";
  static {
    this.prototype.name = "S3TransportError";
  }
}

/**
 * A time limit passed; `errorCode` says which.
 *
 * Try again, or raise that limit if the service is known to need longer.
 */
export class S3TimeoutError extends S3TransportError {
  declare name: "S3TimeoutError";
  static {
    this.prototype.name = "S3TimeoutError";
  }
}

/**
 * The caller ended it, or left its answer unread. A signal's reason is the `cause`.
 *
 * Nothing: you asked for it. After a write look at `ambiguous`.
 */
export class S3AbortedError extends S3Error {
  declare name: "S3AbortedError";
  static {
    this.prototype.name = "S3AbortedError";
  }
}

/**
 * The source of a request's body failed. What it threw is the `cause`.
 *
 * Look at the `cause`; the service is not to blame, and nothing was stored.
 */
export class S3SourceError extends S3Error {
  declare name: "S3SourceError";
  static {
    this.prototype.name = "S3SourceError";
  }
}
