export type {
  Body,
  BucketInfo,
  CompletedPart,
  CompleteUpload,
  Computed,
  CopyObject,
  CreateUpload,
  Engine,
  ListEntry,
  ListObjects,
  ListUploads,
  ObjectInfo,
  ObjectMetadata,
  ObjectPage,
  OpenObject,
  PartInfo,
  PartPage,
  Precondition,
  PutObject,
  PutPart,
  UploadInfo,
  UploadPage,
  UploadRef,
} from "./api.ts";
export type { Clock, Random } from "./clock.ts";
export { errnoOf } from "./disk/disk-error.ts";
export type { Fs, FsFile, OpenMode, Space } from "./disk/fs.ts";
export { nodeFs } from "./disk/node-fs.ts";
export type { Health, OnHealth } from "./disk/volume.ts";
export { EngineOpenError, type EngineOpenCode } from "./engine-open-error.ts";
export { openEngine, type EngineOptions, type OpenEngine } from "./open-engine.ts";
export type { RecoveryReport } from "./recovery.ts";
