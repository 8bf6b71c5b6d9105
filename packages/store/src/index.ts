export type { Capability } from "./capability.ts";
export {
  ConfigError,
  type ConfigErrorCode,
  type ConfigErrorFields,
  type ConfigProblem,
} from "./config/config-error.ts";
export type { Environment } from "./config/interpolate.ts";
export { Secret } from "./config/secret.ts";
export type {
  Attributes,
  BulkDeletingDriver,
  DeleteFailure,
  Driver,
  DriverCopyOptions,
  DriverDeleteOptions,
  DriverGetOptions,
  DriverListOptions,
  DriverOptions,
  DriverPutOptions,
  FileEntry,
  FileStat,
  FolderDriver,
  FolderEntry,
  FolderStat,
  ListPage,
  OpenedFile,
  PresignedRequest,
  PresigningDriver,
  PresignOptions,
  RenamingDriver,
  UnwrappableDriver,
  WholeBody,
  Written,
} from "./driver.ts";
export { HttpDriver, type HttpDriverOptions } from "./drivers/http/http-driver.ts";
export type { HttpTimeouts } from "./drivers/http/send-request.ts";
export { LocalDriver, type LocalDriverOptions } from "./drivers/local/local-driver.ts";
export { MemoryDriver, type MemoryDriverOptions } from "./drivers/memory-driver.ts";
export { S3Driver, type S3DriverOptions } from "./drivers/s3/s3-driver.ts";
export {
  Aborted,
  Closed,
  IntegrityError,
  ModifiedDuringRead,
  PreconditionFailed,
  QuotaExceeded,
  SourceFailed,
  Throttled,
} from "./errors/added-classes.ts";
export {
  AlreadyExists,
  BackendUnavailable,
  type CapabilityErrorFields,
  CapabilityNotSupported,
  DirectoryNotEmpty,
  InvalidPath,
  type LockErrorFields,
  NotFound,
  PermissionDenied,
  ResourceLocked,
} from "./errors/classes.ts";
export type { Failure, FailureKind } from "./errors/driver-failure.ts";
export {
  RemoteStoreError,
  type StoreErrorFields,
  type StoreErrorJson,
} from "./errors/remote-store-error.ts";
export { batch, type BatchOptions, type BatchOutcome } from "./extensions/batch.ts";
export type { Items, NewFile, Outcomes, PathPair, StoreBatch } from "./extensions/batch.ts";
export type { CachedOptions } from "./extensions/cache-state.ts";
export { cached } from "./extensions/cached-store.ts";
export type { CompareOptions, Comparison } from "./extensions/compare-files.ts";
export type { CacheBounds, FileCache } from "./extensions/file-cache.ts";
export { MemoryCache } from "./extensions/memory-cache.ts";
export type { StoreHook } from "./extensions/observation.ts";
export { observed } from "./extensions/observed-store.ts";
export { retrying, type StoreRetryOptions } from "./extensions/retrying-store.ts";
export { StoreCache, type StoreCacheOptions } from "./extensions/store-cache.ts";
export type {
  StoreEndEvent,
  StoreErrorEvent,
  StoreEvent,
  StoreStartEvent,
} from "./extensions/store-event.ts";
export type { FileReader, FileWriter, StoreLike } from "./extensions/store-like.ts";
export { sync, type SyncAction, type SyncOptions, type SyncOutcome } from "./extensions/sync.ts";
export { traceStore, type TraceStoreOptions } from "./extensions/trace-store.ts";
export { transferAll, type TransferAllOptions } from "./extensions/transfer-all.ts";
export {
  type FileAt,
  type StoreTransferProgress,
  transfer,
  type TransferOptions,
} from "./extensions/transfer.ts";
export type { AtomicWriter } from "./kernel/atomic-writer.ts";
export type { DeleteManyOptions, DeleteOutcome } from "./kernel/deletions.ts";
export type { FileStream } from "./kernel/file-stream.ts";
export type { DeleteFolderOptions } from "./kernel/folders.ts";
export type { ListFilesOptions, ListFoldersOptions } from "./kernel/listings.ts";
export type { CopyOptions } from "./kernel/moves.ts";
export type { PresignGetOptions, PresignPutOptions } from "./kernel/presigned.ts";
export type { CallOptions, ReadOptions } from "./kernel/reads.ts";
export type { FileInfo, Folder, FolderInfo, WriteResult } from "./kernel/results.ts";
export type { SeekableFile, SeekableOptions } from "./kernel/seekable-file.ts";
export type { Content } from "./kernel/source.ts";
export type { WriteOptions } from "./kernel/writes.ts";
export type { BuiltInBackendConfig } from "./registry/built-in-types.ts";
export type {
  CustomBackendConfig,
  DriverMaker,
  RegistryConfig,
  RegistryOptions,
} from "./registry/registry-config.ts";
export { Registry } from "./registry/registry.ts";
export { type DeleteOptions, type Resolution, Store, type StoreOptions } from "./store.ts";
