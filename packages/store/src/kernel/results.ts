import type { Attributes, FileStat, Written } from "../driver.ts";
import { nameOf } from "../path.ts";

/** A file. What the backend does not say is left out, never made up. */
export interface FileInfo extends Attributes {
  readonly kind: "file";
  /** Of the store that was asked; it can be given back to it as it is. */
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Changes whenever the bytes do. */
  readonly etag?: string | undefined;
  readonly modifiedAt?: Date | undefined;
}

/** A folder, as a listing has it. */
export interface Folder {
  readonly kind: "folder";
  readonly path: string;
  readonly name: string;
}

/** What is in a folder, however deep. */
export interface FolderInfo {
  readonly path: string;
  readonly fileCount: number;
  /** In bytes. */
  readonly totalSize: number;
  /** Of the file that changed last, where the backend says so. */
  readonly modifiedAt?: Date | undefined;
}

/** What was written, by the write's own answer. */
export interface WriteResult {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly etag?: string | undefined;
  readonly modifiedAt?: Date | undefined;
}

/** What is made field by field: half as much work as spreading what may be missing, for each file of a listing. */
type Made<T> = { -readonly [Field in keyof T]: T[Field] };

/** A driver's file as its store has it. */
export function fileInfo(path: string, stat: FileStat): FileInfo {
  const { size, etag, modifiedAt, contentType, metadata } = stat;
  const info: Made<FileInfo> = { kind: "file", path, name: nameOf(path), size };
  if (etag !== undefined) info.etag = etag;
  if (modifiedAt !== undefined) info.modifiedAt = modifiedAt;
  if (contentType !== undefined) info.contentType = contentType;
  if (metadata !== undefined) info.metadata = metadata;
  return info;
}

/** A driver's answer to a write as its store gives it. */
export function writeResult(path: string, { size, etag, modifiedAt }: Written): WriteResult {
  const result: Made<WriteResult> = { path, size };
  if (etag !== undefined) result.etag = etag;
  if (modifiedAt !== undefined) result.modifiedAt = modifiedAt;
  return result;
}
