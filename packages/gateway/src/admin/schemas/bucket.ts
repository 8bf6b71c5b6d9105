import * as v from "valibot";
import { moment } from "./moment.ts";

const bytes = v.number();

export const bucket = v.object({
  name: v.string(),
  createdAt: moment,
  /** Where it is kept; absent for a bucket of the embedded engine. */
  attachment: v.optional(v.object({ upstream: v.string(), remoteBucket: v.string() })),
});

/** A bucket as the admin API shows it. */
export type BucketAnswer = v.InferOutput<typeof bucket>;

export const attachment = v.object({
  bucket: v.string(),
  upstream: v.string(),
  remoteBucket: v.string(),
  createdAt: moment,
});

/** Where a bucket is kept. */
export type AttachmentAnswer = v.InferOutput<typeof attachment>;

export const quota = v.object({
  bucket: v.string(),
  softBytes: v.optional(bytes),
  hardBytes: v.optional(bytes),
});

/** With what is counted; absent until a first write or a recount has the bucket counted. */
export const usedQuota = v.object({
  ...quota.entries,
  usedBytes: v.optional(bytes),
  /** Set aside for who writes now. */
  reservedBytes: v.optional(bytes),
});

export const recounted = v.object({
  bucket: v.string(),
  objects: v.number(),
  uploads: v.number(),
  usedBytes: bytes,
  /** How much more that is than what was counted before; absent when nothing was. */
  driftBytes: v.optional(v.number()),
});

/** What a bucket holds, counted anew. */
export type RecountAnswer = v.InferOutput<typeof recounted>;

/** How much a bucket may hold. */
export type QuotaAnswer = v.InferOutput<typeof usedQuota>;

export const binding = v.object({ bucket: v.string(), requestsPerSecond: v.number() });

/** That anybody may read a bucket. */
export type AnonymousAnswer = v.InferOutput<typeof binding>;
