export {
  S3AbortedError,
  S3AccessDeniedError,
  S3ClientError,
  S3ConflictError,
  S3IntegrityError,
  S3InvalidRequestError,
  S3NotFoundError,
  S3PreconditionFailedError,
  S3ServerError,
  S3SourceError,
  S3ThrottledError,
  S3TimeoutError,
  S3TransportError,
} from "./errors/classes.ts";
export { S3Error, type AttemptRecord } from "./errors/s3-error.ts";
