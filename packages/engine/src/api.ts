import type { Checksum, ChecksumAlgorithm, ChecksumType, S3Error } from "@holdfast/protocol";

/** Bytes from a caller. What it throws is what the operation rejects with, and nothing is stored. */
export type Body = AsyncIterable<Uint8Array>;

/** What a caller attaches to an object and gets back as it was. */
export interface ObjectMetadata {
  /** Headers that S3 stores with an object, by lower-case name: `content-type`, `cache-control`, … */
  readonly system: Readonly<Record<string, string>>;
  /** `x-amz-meta-*` without the prefix, names in lower case. */
  readonly user: Readonly<Record<string, string>>;
}

export interface BucketInfo {
  readonly name: string;
  /** Milliseconds since 1970, UTC. */
  readonly createdAt: number;
}

export interface PartInfo {
  readonly partNumber: number;
  readonly size: number;
  /** Hexadecimal MD5, without quotes. */
  readonly etag: string;
  readonly lastModified: number;
  readonly checksum?: Checksum | undefined;
}

export interface ObjectInfo {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  /** Without quotes: hexadecimal MD5, or MD5 of the parts' MD5s, `-` and their number. */
  readonly etag: string;
  /** Milliseconds since 1970, UTC. Never runs backwards for a key. */
  readonly lastModified: number;
  readonly metadata: ObjectMetadata;
  readonly checksum?: Checksum | undefined;
  /**
   * The parts it was completed from, in order; absent when it was put in one piece, and always in
   * listings and for preconditions.
   */
  readonly parts?: readonly PartInfo[] | undefined;
}

/** What was computed over a body while it was written, offered to the caller before it is committed. */
export interface Computed {
  readonly size: number;
  /** Hexadecimal MD5. */
  readonly md5: string;
  readonly checksum: Checksum;
}

/**
 * Decides on a write at the moment of its commit, when no other write can come between: throws to
 * refuse. Runs synchronously and may run for a write that fails later.
 */
export type Precondition = (current: ObjectInfo | undefined) => void;

interface Write {
  readonly bucket: string;
  readonly key: string;
  readonly precondition?: Precondition;
  readonly signal?: AbortSignal;
}

export interface PutObject extends Write {
  readonly body: Body;
  /** Bytes that `body` must yield. More or fewer is `IncompleteBody`, and nothing is stored. */
  readonly size: number | undefined;
  readonly metadata: ObjectMetadata;
  readonly checksumAlgorithm: ChecksumAlgorithm;
  /** Called after the last byte and before anything is visible: throws to refuse. */
  readonly admit?: (computed: Computed) => void;
}

export interface CopyObject extends Write {
  readonly source: { readonly bucket: string; readonly key: string };
  /** Decides on the source as it is at the commit: throws to refuse. */
  readonly sourcePrecondition?: (source: ObjectInfo) => void;
  /** Replaces the source's metadata; the source's own is kept when absent. */
  readonly metadata?: ObjectMetadata;
}

export interface CreateUpload {
  readonly bucket: string;
  readonly key: string;
  readonly metadata: ObjectMetadata;
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType?: ChecksumType;
}

export interface UploadInfo {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly createdAt: number;
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType?: ChecksumType;
}

/** Names an upload. `NoSuchUpload` when its id, bucket and key do not belong together. */
export interface UploadRef {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
}

export interface PutPart extends UploadRef {
  readonly partNumber: number;
  readonly body: Body;
  readonly size: number | undefined;
  /** Without one: the upload's, or CRC64NVME. */
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly admit?: (computed: Computed) => void;
  readonly signal?: AbortSignal;
}

export interface CompletedPart {
  readonly partNumber: number;
  /** Without quotes. */
  readonly etag: string;
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
}

export interface CompleteUpload extends UploadRef {
  readonly parts: readonly CompletedPart[];
  readonly precondition?: Precondition;
  /** The whole object's checksum as the caller computed it; `BadDigest` when it differs. */
  readonly checksum?: { readonly algorithm: ChecksumAlgorithm; readonly value: string };
  readonly checksumType?: ChecksumType;
  /** The whole object's size as the caller knows it; `InvalidRequest` when it differs. */
  readonly size?: number;
}

export interface ListObjects {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string;
  /** Entries strictly after this key or common prefix. A common prefix also hides what it covers. */
  readonly after: string;
  /** Keys and common prefixes together. */
  readonly limit: number;
}

export type ListEntry =
  | { readonly type: "object"; readonly object: ObjectInfo }
  | { readonly type: "prefix"; readonly prefix: string };

export interface ObjectPage {
  /** In order of the UTF-8 bytes of key or prefix. */
  readonly entries: readonly ListEntry[];
  /** Pass as `after` for the next page; absent on the last one. */
  readonly next?: string;
}

export interface ListUploads {
  readonly bucket: string;
  readonly prefix: string;
  readonly delimiter: string;
  readonly keyMarker: string;
  readonly uploadIdMarker: string;
  readonly limit: number;
}

export interface UploadPage {
  readonly entries: readonly (
    | { readonly type: "upload"; readonly upload: UploadInfo }
    | { readonly type: "prefix"; readonly prefix: string }
  )[];
  readonly next?: { readonly keyMarker: string; readonly uploadIdMarker: string };
}

export interface PartPage {
  readonly upload: UploadInfo;
  readonly parts: readonly PartInfo[];
  readonly next?: number;
}

/** An object as it was when it was opened: an overwrite or delete meanwhile changes nothing here. */
export interface OpenObject {
  readonly info: ObjectInfo;
  /** All the bytes, of an object so small that the engine has them at hand. */
  readonly bytes: Buffer | undefined;
  /**
   * The bytes from `start` to `end`, both inclusive; all of them without a range. Every block is
   * verified before any of it is handed over; a damaged one throws, and no wrong byte was yielded.
   * The memory of what was yielded is used again once the next is asked for or the iterator returns.
   */
  read(range?: { readonly start: number; readonly end: number }): AsyncIterable<Buffer>;
  /** Must be called once, on every path. */
  close(): Promise<void>;
}

/**
 * Durable objects on one disk. Every promise that resolves for a write was preceded by the bytes,
 * the directory entries that lead to them and the index commit reaching stable storage. Rejections
 * are `S3Error`s of the catalogue, except programmer errors and what `body` itself throws.
 */
export interface Engine {
  createBucket(bucket: string): Promise<BucketInfo>;
  headBucket(bucket: string): Promise<BucketInfo>;
  /** `BucketNotEmpty` while it holds an object; uploads in progress go with it. */
  deleteBucket(bucket: string): Promise<void>;
  listBuckets(options: {
    readonly prefix: string;
    readonly after: string;
    readonly limit: number;
  }): Promise<{ readonly buckets: readonly BucketInfo[]; readonly next?: string }>;

  putObject(input: PutObject): Promise<ObjectInfo>;
  copyObject(input: CopyObject): Promise<ObjectInfo>;
  headObject(bucket: string, key: string): Promise<ObjectInfo>;
  openObject(bucket: string, key: string): Promise<OpenObject>;
  /** Resolves whether or not the key was there, as S3 does. */
  deleteObject(input: Write): Promise<void>;
  /** One commit for all; the result has the failure of each key, or nothing, in the order given. */
  deleteObjects(
    bucket: string,
    deletes: readonly { readonly key: string; readonly precondition?: Precondition }[],
  ): Promise<readonly (S3Error | undefined)[]>;
  listObjects(input: ListObjects): Promise<ObjectPage>;

  createUpload(input: CreateUpload): Promise<UploadInfo>;
  putPart(input: PutPart): Promise<PartInfo>;
  listParts(
    ref: UploadRef,
    options: { readonly after: number; readonly limit: number },
  ): Promise<PartPage>;
  listUploads(input: ListUploads): Promise<UploadPage>;
  /** Copies no data. Completing again with the same parts answers the same object. */
  completeUpload(input: CompleteUpload): Promise<ObjectInfo>;
  abortUpload(ref: UploadRef): Promise<void>;

  /** Waits for writes under way, then lets go of the directory. */
  close(): Promise<void>;
}
