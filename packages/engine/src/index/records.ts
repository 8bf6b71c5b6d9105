import type { Checksum, ChecksumAlgorithm, ChecksumType } from "@holdfast/protocol";
import type { ObjectMetadata, PartInfo } from "../api.ts";
import type { PayloadId } from "./keys.ts";

export interface BucketRecord {
  readonly createdAt: number;
}

/** Where an object's bytes are: nowhere when it has none. */
export type BodyRef =
  | { readonly in: "blob"; readonly blob: number }
  | { readonly in: "index"; readonly payload: PayloadId }
  | { readonly in: "nothing" }
  | { readonly in: "parts"; readonly payload: PayloadId };

export interface ObjectRecord {
  readonly size: number;
  readonly etag: string;
  readonly lastModified: number;
  readonly metadata: ObjectMetadata;
  readonly checksum?: Checksum;
  readonly body: BodyRef;
  /** The upload it was completed from, so that completing again answers the same. */
  readonly completed?: { readonly uploadId: string; readonly digest: string };
}

/** A part of a completed object and the blob that holds it, all of it. */
export interface PartSegment extends PartInfo {
  readonly blob: number;
}

export interface UploadRecord {
  readonly createdAt: number;
  readonly metadata: ObjectMetadata;
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType?: ChecksumType;
}

export interface PartRecord {
  readonly size: number;
  readonly etag: string;
  readonly lastModified: number;
  readonly checksum: Checksum;
  readonly blob: number;
}

/** A record as the index holds it. */
export function encodeRecord(record: object | number): Buffer {
  return Buffer.from(JSON.stringify(record), "utf8");
}

export function decodeBucket(bytes: Buffer): BucketRecord {
  return JSON.parse(bytes.toString("utf8"));
}

export function decodeObject(bytes: Buffer): ObjectRecord {
  return JSON.parse(bytes.toString("utf8"));
}

export function decodeSegments(bytes: Buffer): readonly PartSegment[] {
  return JSON.parse(bytes.toString("utf8"));
}

export function decodeUpload(bytes: Buffer): UploadRecord {
  return JSON.parse(bytes.toString("utf8"));
}

export function decodePart(bytes: Buffer): PartRecord {
  return JSON.parse(bytes.toString("utf8"));
}

export function decodeNumber(bytes: Buffer): number {
  return JSON.parse(bytes.toString("utf8"));
}
