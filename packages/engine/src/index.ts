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
export type { BackupOptions } from "./backup/backup.ts";
export { crc32c } from "./checksums/crc32c.ts";
export { createChecksum } from "./checksums/create-checksum.ts";
export type { Clock, Random } from "./clock.ts";
export { errnoOf } from "./disk/disk-error.ts";
export type { Fs, FsFile, OpenMode, Space } from "./disk/fs.ts";
export { nodeFs } from "./disk/node-fs.ts";
export type { Health, OnHealth } from "./disk/volume.ts";
export { EngineOpenError, type EngineOpenCode } from "./engine-open-error.ts";
export type { LogDamage } from "./fsck/damaged-log.ts";
export { fsck, type FsckOptions, type FsckReport } from "./fsck/fsck.ts";
export type { MaintenanceTasks } from "./maintenance.ts";
export type { StaleUploads } from "./multipart/stale-uploads.ts";
export { openEngine, type EngineOptions, type OpenEngine } from "./open-engine.ts";
export type { RecoveryReport } from "./recovery.ts";
export type { BlobOwner, ByteRange, ScrubFinding, ScrubReport } from "./scrub/finding.ts";
export type { ScrubOptions } from "./scrub/scrub.ts";
