import { S3Error } from "./s3-error.ts";

/** The request is at fault, or what it names: a 4xx. */
export class S3ClientError extends S3Error {
  static {
    this.prototype.name = "S3ClientError";
  }
}

/** The bucket, key, version or upload is not there. */
export class S3NotFoundError extends S3ClientError {
  static {
    this.prototype.name = "S3NotFoundError";
  }
}

/** The credentials are not known, not valid any more, or not allowed to do this. */
export class S3AccessDeniedError extends S3ClientError {
  static {
    this.prototype.name = "S3AccessDeniedError";
  }
}

/** The service does not accept the request as it is. */
export class S3InvalidRequestError extends S3ClientError {
  static {
    this.prototype.name = "S3InvalidRequestError";
  }
}

/** A condition that the caller set does not hold. */
export class S3PreconditionFailedError extends S3ClientError {
  static {
    this.prototype.name = "S3PreconditionFailedError";
  }
}

/** The request is at odds with the state of the bucket or object, or with another request. */
export class S3ConflictError extends S3ClientError {
  static {
    this.prototype.name = "S3ConflictError";
  }
}

/** The service, or something in front of it, failed: a 5xx or an answer that is not S3's. */
export class S3ServerError extends S3Error {
  static {
    this.prototype.name = "S3ServerError";
  }
}

/** The service asks for fewer requests, under a 429 or a 503. */
export class S3ThrottledError extends S3ServerError {
  static {
    this.prototype.name = "S3ThrottledError";
  }
}

/** Bytes are not what their checksum says, on the way there or back. */
export class S3IntegrityError extends S3Error {
  static {
    this.prototype.name = "S3IntegrityError";
  }
}

/** No whole answer arrived: name resolution, connection, reset. `phase` says where. */
export class S3TransportError extends S3Error {
  static {
    this.prototype.name = "S3TransportError";
  }
}

/** A time limit passed; `errorCode` says which. */
export class S3TimeoutError extends S3TransportError {
  static {
    this.prototype.name = "S3TimeoutError";
  }
}

/** The caller ended it. The signal's reason is the `cause`. */
export class S3AbortedError extends S3Error {
  static {
    this.prototype.name = "S3AbortedError";
  }
}

/** The source of a request's body failed. What it threw is the `cause`. */
export class S3SourceError extends S3Error {
  static {
    this.prototype.name = "S3SourceError";
  }
}
